"""How right each label has been found to be, for the card of a finding."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.ui.i18n import known


def measured_words(labels: Iterable[str], model: str | None) -> dict[str, str]:
    """Of each label that was measured, in words: 'right 7 times in 10 on R1-like traces (n = 120)'."""
    from analysis.evaluation.accuracy import measured

    found = {}
    for label in labels:
        figures = measured(label, model)
        if figures is not None:
            found[label] = f"{known(figures.text)} (n = {figures.n:,})"
    return found
