"""The files of the fitted model: those that ship with CoTScope, or a lab's own. Imports nothing heavy."""

from __future__ import annotations

import json
import os
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from analysis.errors import UsageError

WEIGHTS, META = "fitted.npz", "fitted.json"
OWN_MODEL = "COTSCOPE_BEHAVIOURS_MODEL"
"""Environment variable: the .npz of a model by `cotscope train`; its .json lies beside it."""


@cache
def shipped_meta() -> dict[str, Any]:
    """What training wrote beside the weights: version, seed, data, command and measured table."""
    found: dict[str, Any] = json.loads(_read(META))
    return found


def shipped_weights() -> bytes:
    """The weights as they were written."""
    return _read(WEIGHTS)


def _read(name: str) -> bytes:
    own = os.environ.get(OWN_MODEL)
    if not own:
        return resources.files("analysis.behaviours").joinpath(name).read_bytes()
    try:
        return Path(own).with_suffix(Path(name).suffix).read_bytes()
    except OSError as error:
        raise UsageError(
            f"The model {own} that {OWN_MODEL} names cannot be read: {error.strerror}.",
            remedy="Make one with: cotscope train LABELLED_DIR --out FILE.npz",
        ) from error
