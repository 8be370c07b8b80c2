"""Presets: what is known of a family of models, as data (``presets/*.toml``).

The chat template is always the model's own. A preset tells its marks, how its effort is controlled,
which sampling its authors recommend (with the source), and how a forced answer begins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any

from analysis.engines.probes import ProbeForm
from analysis.engines.protocol import Marks, Message, Request, Sampling
from analysis.errors import UsageError

PLAIN = "default"
"""The level of a model that has no others, or of which none was asked."""


@dataclass(frozen=True, slots=True)
class Level:
    """What a level of effort comes to in a request."""

    name: str
    effort: str | None = None
    """Sent as ``reasoning_effort``, also to the chat template."""
    budget: int | None = None
    fewest: int | None = None
    waits: int = 0
    system: str | None = None
    template: Mapping[str, Any] = field(default_factory=dict)
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True, slots=True)
class Preset:
    """A family of models."""

    id: str
    title: str
    match: str
    """Regular expression of model names."""
    models: tuple[str, ...]
    source: str
    note: str
    marks: Marks | None
    """None where the model marks no thinking (``marked`` false) or nothing is known of it."""
    marked: bool
    control: str
    """'level', 'budget', 'system', 'forcing' or 'none'."""
    default: str
    levels: Mapping[str, Level]
    sampling: Sampling
    sampling_source: str
    system: str | None = None
    probe: ProbeForm | None = None
    reasoning_parser: str | None = None
    checked: bool = False
    """Whether the sampling was compared with what the authors write."""
    checked_what: str = ""
    """Which values were found where, and which were not."""

    def level(self, name: str) -> Level:
        """A level by its name. An unknown one is sent on only where nothing is known of the model."""
        if name in self.levels:
            return self.levels[name]
        if name == PLAIN:
            return Level(PLAIN)
        if self.id == GENERIC.id:
            return Level(name, effort=name)
        known = ", ".join(self.levels) or "none: it always thinks as much as it likes"
        raise UsageError(f"{self.title} has no effort {name!r}.", remedy=f"Its efforts: {known}.")

    def request(self, question: str, level: Level, *, system: str | None = None) -> Request:
        """The request for a question at a level, with the recommended sampling."""
        said = [text for text in (system, self.system, level.system) if text]
        turns = [Message("system", "\n\n".join(said))] if said else []
        own, over = self.sampling, level.sampling
        return Request(
            messages=(*turns, Message("user", question)),
            effort=level.effort,
            thinking_budget=level.budget,
            min_thinking=level.fewest,
            template=dict(level.template),
            sampling=overlay(own, over),
        )


def overlay(base: Sampling, over: Sampling) -> Sampling:
    """``base`` with everything that ``over`` states."""
    names = ("temperature", "top_p", "top_k", "min_p", "max_tokens")
    stated = {n: v for n in names if (v := getattr(over, n)) is not None}
    return replace(base, **stated)


GENERIC = Preset(
    id="generic",
    title="Any model",
    match="",
    models=(),
    source="",
    note="Nothing is known of this model: common marks are tried, an effort is sent as it is.",
    marks=None,
    marked=True,
    control="level",
    default=PLAIN,
    levels={},
    sampling=Sampling(),
    sampling_source="",
)


@lru_cache(maxsize=1)
def load_presets() -> Mapping[str, Preset]:
    """Every preset by its id, in alphabetical order."""
    folder = resources.files("analysis.engines") / "presets"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    found = {}
    for file in files:
        name = file.name.removesuffix(".toml")
        found[name] = _preset(name, tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def preset_of(model: str, name: str | None = None) -> Preset:
    """The preset that was named, else the one that fits the model's name, else ``GENERIC``.

    Raises ``UsageError`` for a name that is none.
    """
    presets = load_presets()
    if name is not None:
        if name == GENERIC.id:
            return GENERIC
        if name not in presets:
            known = ", ".join((*presets, GENERIC.id))
            raise UsageError(f"There is no preset {name!r}.", remedy=f"Presets: {known}.")
        return presets[name]
    fits = (p for p in presets.values() if re.search(p.match, model, re.IGNORECASE))
    return next(fits, GENERIC)


def _preset(name: str, data: Mapping[str, Any]) -> Preset:
    thinking, effort = data["thinking"], data["effort"]
    marked = thinking.get("marked", True)
    marks = None
    if marked:
        marks = Marks(
            thinking["open"],
            thinking["close"],
            thinking.get("prefilled", False),
            thinking.get("forced"),
        )
    levels = {level: _level(level, given) for level, given in effort.get("levels", {}).items()}
    sampling, probe = dict(data["sampling"]), data.get("probe")
    source = sampling.pop("source")
    checked, what = sampling.pop("checked"), sampling.pop("checked_what")
    form = None
    if probe is not None:
        form = ProbeForm(probe["ask"])
        if "ends" in probe:
            form = replace(form, ends=tuple(probe["ends"]), max_tokens=48)
    return Preset(
        id=name,
        title=data["title"],
        match=data["match"],
        models=tuple(data["models"]),
        source=data["source"],
        note=data["note"],
        marks=marks,
        marked=marked,
        control=effort["control"],
        default=effort.get("default", PLAIN),
        levels=levels,
        sampling=Sampling(**sampling),
        sampling_source=source,
        system=data.get("system"),
        probe=form,
        reasoning_parser=data.get("server", {}).get("reasoning_parser"),
        checked=checked,
        checked_what=what,
    )


def _level(name: str, given: Mapping[str, Any]) -> Level:
    values = dict(given)
    sampling = Sampling(**values.pop("sampling", {}))
    return Level(name, sampling=sampling, **values)
