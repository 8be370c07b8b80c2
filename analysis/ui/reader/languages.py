"""The languages of a trace in words: of a stretch, and of the whole beside its question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.text.language_names import language_name
from analysis.ui.i18n import N_, known, t
from analysis.views.reader import FindingRow

LABEL = "language_mixing"
_KINDS = {"slip": N_("slip"), "intraword": N_("slip inside a word"), "quote": N_("quote")}
_SAID = ("kind", "matrix")
"""Evidence that the sentence on a stretch already holds."""


def stretch(finding: FindingRow) -> str | None:
    """A stretch in words ('Chinese (zh), slip, in English text'); None for other findings."""
    if finding.label != LABEL or not finding.value:
        return None
    name = known(language_name(finding.value))
    parts = [name if name == finding.value else f"{name} ({finding.value})"]
    kind, matrix = finding.evidence.get("kind"), finding.evidence.get("matrix")
    if kind:
        parts.append(t(_KINDS.get(str(kind), str(kind))))
    if matrix:
        parts.append(t("in {language} text", language=known(language_name(str(matrix)))))
    return ", ".join(parts)


def other_evidence(finding: FindingRow) -> dict[str, Any]:
    """The evidence of a finding without what ``stretch`` says of it."""
    if stretch(finding) is None:
        return finding.evidence
    return {key: v for key, v in finding.evidence.items() if key not in _SAID and v is not None}


def facts(metrics: Mapping[str, float | str | None]) -> list[tuple[str, str]]:
    """What a trace thinks in and was asked in, as (words, colour); empty where it is not known."""
    main, asked = metrics.get("matrix_language"), metrics.get("target_language")
    if not isinstance(main, str):
        return []
    if not metrics.get("thinks_in_other_language") or not isinstance(asked, str):
        return [(t("in {language}", language=known(language_name(main))), "gray")]
    words = t(
        "thinks in {main}, asked in {asked}",
        main=known(language_name(main)),
        asked=known(language_name(asked)),
    )
    return [(words, "orange")]
