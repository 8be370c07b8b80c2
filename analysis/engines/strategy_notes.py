"""Which strategies are to follow a run, kept beside its journal: one that was stopped is not forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from analysis.engines.choosing import CHOOSING, FOLLOWING, Strategy

_FILE = "strategies.json"
_KNOWN = {*CHOOSING, *FOLLOWING}


def note(folder: Path, strategies: Sequence[Strategy]) -> None:
    """Keep what is to be done after the run of this folder; what is kept already stays."""
    kept = _read(folder)
    new = [one for one in strategies if one not in kept]
    if new:
        _write(folder, [*kept.items(), *((one, False) for one in new)])


def settle(folder: Path, one: Strategy) -> None:
    """Keep that a strategy is done."""
    kept = _read(folder)
    if not kept.get(one, False):
        _write(folder, {**kept, one: True}.items())


def waiting(folder: Path) -> tuple[Strategy, ...]:
    """Strategies of a run that are still to be done, in the order in which they were asked for."""
    return tuple(one for one, done in _read(folder).items() if not done)


def _read(folder: Path) -> dict[Strategy, bool]:
    """What is kept; a file that is missing, of another version or not ours is none."""
    try:
        found = orjson.loads((folder / _FILE).read_bytes())
        entries = [_entry(value) for value in found]
    except (OSError, ValueError, TypeError, KeyError):
        return {}
    return {one: done for one, done in entries if one.name in _KNOWN}


def _entry(value: dict[str, Any]) -> tuple[Strategy, bool]:
    one = Strategy(str(value["name"]), str(value["scorer"]), int(value["rounds"]))
    return one, value["done"] is True


def _write(folder: Path, entries: Iterable[tuple[Strategy, bool]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{_FILE}.part"
    told = [{**asdict(one), "done": done} for one, done in entries]
    part.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    part.replace(folder / _FILE)
