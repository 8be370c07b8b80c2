"""Which analyzers there are: ours, and those that other packages register.

A plugin that cannot be used becomes a ``UserWarning`` that names it and says why; it never ends a
run and never replaces one of ours.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from analysis.analyzers.behaviours import Behaviours
from analysis.analyzers.language_mixing import LanguageMixing
from analysis.analyzers.overthinking import Overthinking
from analysis.analyzers.protocol import Analyzer
from analysis.errors import UsageError
from analysis.model import MetricSpec

ENTRY_POINT_GROUP = "cotscope.analyzers"
COLUMNS = frozenset(
    [
        "trace_id",
        "external_id",
        "dataset",
        "model",
        "effort",
        "sample_index",
        "question_id",
        "correct",
        "truncated",
        "question",
        "checkpoint",
    ]
)
"""Columns that stand beside the metrics; no metric may be called so."""
_METRIC_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
KNOWN_FIELDS = frozenset({"sentences", "thoughts", "answer", "gold_answer"})


@lru_cache(maxsize=1)
def default_analyzers() -> tuple[Analyzer, ...]:
    """Our analyzers, in the order in which they run and are shown."""
    return (Behaviours(), Overthinking(), LanguageMixing())


def all_analyzers() -> tuple[Analyzer, ...]:
    """Ours, then the plugins by name. Plugins are looked for at every call; broken ones warn."""
    found = list(default_analyzers())
    for point in sorted(_entry_points(), key=lambda p: (p.name, p.value)):
        try:
            plugin = _load(point)
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises becomes a warning
            _warn(point, f"it could not be loaded: {type(error).__name__}: {error}")
            continue
        try:
            problem = _problem(plugin, found)
        except Exception as error:  # noqa: BLE001 - a property of the plugin raised
            problem = f"what it declares could not be read: {type(error).__name__}: {error}"
        if problem:
            _warn(point, problem)
        elif isinstance(plugin, Analyzer):
            found.append(plugin)
    return tuple(found)


def get(name: str) -> Analyzer:
    """The analyzer of that name; ``UsageError`` with the known names where there is none."""
    for analyzer in default_analyzers():
        if analyzer.name == name:
            return analyzer
    everything = all_analyzers()
    for analyzer in everything:
        if analyzer.name == name:
            return analyzer
    known = ", ".join(analyzer.name for analyzer in everything)
    raise UsageError(f"There is no analyzer {name!r}.", remedy=f"There are: {known}.")


def metric_specs() -> dict[str, tuple[str, MetricSpec]]:
    """Every metric by name, with the analyzer that returns it, in the order of the analyzers."""
    return {
        spec.name: (analyzer.name, spec)
        for analyzer in all_analyzers()
        for spec in analyzer.metrics
    }


def label_definitions() -> dict[str, str]:
    """Every label with its definition, in the order of the analyzers."""
    return {
        label: definition
        for analyzer in all_analyzers()
        for label, definition in analyzer.labels.items()
    }


def _entry_points() -> list[EntryPoint]:
    """The registered plugins; tests put theirs here."""
    return list(entry_points(group=ENTRY_POINT_GROUP))


def _load(point: EntryPoint) -> object:
    """An analyzer, made from its class or factory where the entry point names one."""
    target = point.load()
    if isinstance(target, type) or (callable(target) and not isinstance(target, Analyzer)):
        return target()
    return target


def _warn(point: EntryPoint, problem: str) -> None:
    warnings.warn(
        f"The analyzer plugin {point.name!r} ({point.value}) is left out: {problem}.", stacklevel=3
    )


def _name_problem(name: object, taken: list[Analyzer]) -> str:
    """Why a metric cannot have this name: it becomes a column beside ours, whose case SQL ignores."""
    if not isinstance(name, str) or not _METRIC_NAME.fullmatch(name):
        return f"its metric {name!r} is not in lower case letters, digits and underscores"
    if name in COLUMNS:
        return f"its metric {name!r} has the name of a column of every export"
    owner = next((a.name for a in taken if name in {m.name for m in a.metrics}), None)
    return f"its metric {name!r} is one of {owner!r}" if owner else ""


def _problem(plugin: object, taken: list[Analyzer]) -> str:
    """Why a plugin cannot be used; '' when it can."""
    if not isinstance(plugin, Analyzer):
        return "it does not have what an analyzer must have (docs/adding_an_analyzer.md)"
    for what in ("name", "version"):
        value = getattr(plugin, what)
        if not isinstance(value, str) or not value:
            return f"its {what} is not a text: {value!r}"
    if plugin.name in {analyzer.name for analyzer in taken}:
        return f"the name {plugin.name!r} is taken"
    labels: Mapping[Any, Any] = plugin.labels
    for label, definition in labels.items():
        if not isinstance(label, str) or not isinstance(definition, str) or not definition.strip():
            return f"the definition of its label {label!r} is not a text"
        owner = next((a.name for a in taken if label in a.labels), None)
        if owner:
            return f"its label {label!r} is one of {owner!r}"
    specs: tuple[Any, ...] = tuple(plugin.metrics)
    for spec in specs:
        if not isinstance(spec, MetricSpec):
            return f"one of its metrics is no MetricSpec: {spec!r}"
        problem = _name_problem(spec.name, taken)
        if problem:
            return problem
    unknown = sorted(str(field) for field in plugin.requires if field not in KNOWN_FIELDS)
    if unknown:
        return f"it requires {', '.join(unknown)}, which no document has"
    return "" if isinstance(plugin.config_hash(), str) else "its config_hash is not a text"
