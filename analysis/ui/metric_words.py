"""Metrics as a person reads them: their names and definitions in the person's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from analysis.analyzers.registry import metric_specs
from analysis.model import MetricSpec
from analysis.ui.i18n import known, language
from analysis.ui.palette import title


def in_language(specs: Mapping[str, MetricSpec]) -> Mapping[str, MetricSpec]:
    """The same metrics with title and definition translated; for pages alone. The code goes by the unit."""
    if language() == "en":
        return specs
    return {name: _translated(spec) for name, spec in specs.items()}


def _translated(spec: MetricSpec) -> MetricSpec:
    return replace(
        spec,
        title=known(spec.title),
        definition=known(spec.definition),
    )


def metric_title(name: str) -> str:
    """The name of a metric, or of a behaviour, as a person reads it."""
    found = metric_specs().get(name)
    return known(found[1].title) if found else title(name)
