"""What is known of a trace beside its text, in words: badges, verdict, key numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from analysis.analyzers.registry import all_analyzers
from analysis.model import MetricSpec
from analysis.ui.i18n import N_, known, t
from analysis.views.reader import ReaderView

KEY_METRICS = (
    "thinking_tokens",
    "n_candidates",
    "n_answer_changes",
    "first_correct_frac",
    "first_final_frac",
    "tokens_after_first_final",
    "n_thoughts",
    "repeat_share",
)
"""The numbers that stand beside the text."""

UNDEFINED = "–"
_SHOWN_UNITS = ("tokens", "characters", "words", "seconds")
"""Units that a number needs; the others ("thoughts", "times") its title says already."""

REASONING_KINDS = {
    "visible": "",
    "summary": N_("Summary of the reasoning, not the reasoning itself"),
    "encrypted": N_("Encrypted reasoning"),
    "redacted": N_("Redacted reasoning"),
    "hidden": N_("Hidden reasoning"),
    "none": N_("No reasoning in this record"),
}
"""What the reasoning text is, where it is not simply the model's own."""

_ABSENT = {
    "encrypted": N_(
        "The record holds this reasoning only in encrypted form. It cannot be read here."
    ),
    "redacted": N_("The provider took the reasoning out of this record."),
    "hidden": N_("The model reasoned, but its provider does not give the text out."),
    "none": N_("No reasoning in this record: it holds an answer only."),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the answer is right: a word, a Material icon name and a Streamlit colour."""

    word: str
    icon: str
    colour: str

    @property
    def shown(self) -> str:
        """The word in the person's language; ``word`` is what the code goes by."""
        return t(self.word)


_VERDICTS = {
    True: Verdict(N_("correct"), "check_circle", "green"),
    False: Verdict(N_("wrong"), "cancel", "red"),
    None: Verdict(N_("not judged"), "help", "gray"),
}


def verdict(correct: bool | None) -> Verdict:
    """How a verdict is shown: never by colour alone."""
    return _VERDICTS[correct]


def absence(trace: Mapping[str, Any]) -> str | None:
    """Why there is no reasoning to read, or None when there is."""
    if trace["reasoning"]:
        return None
    return t(_ABSENT.get(trace["reasoning_kind"], N_("The reasoning of this record is empty.")))


def metric_text(spec: MetricSpec | None, value: float | str | None, *, units: bool = True) -> str:
    """A metric's value as people read it; ``UNDEFINED`` for None.

    Shares are shown in per cent; the stored number stays in the exports.
    """
    if value is None:
        return UNDEFINED
    if isinstance(value, str):
        return value
    kind = spec.kind if spec else "number"
    if kind == "boolean":
        return t("yes") if value else t("no")
    if spec and spec.range == "0-1" and spec.unit.startswith("share"):
        return f"{100 * value:.1f} %".replace(".0 %", " %")
    number = f"{value:,.0f}" if kind == "integer" else f"{value:,.3g}"
    if not (units and spec and spec.unit in _SHOWN_UNITS):
        return number
    unit = known(spec.unit)
    english = unit == spec.unit
    return f"{number} {unit.removesuffix('s') if english and number == '1' else unit}"


def side(view: ReaderView, specs: Mapping[str, MetricSpec]) -> dict[str, Any]:
    """What the panel beside the text shows: answer, gold answer, verdict, key numbers."""
    trace = view.trace
    judged = verdict(trace["correct"])
    source = trace["correct_source"]
    return {
        "answer": trace["answer"] or "",
        "extracted": trace["extracted_answer"] or view.metrics.get("final_answer") or "",
        "gold": trace["gold_answer"] or "",
        "verdict": judged.word,
        "verdictShown": judged.shown,
        "verdictSource": ""
        if trace["correct"] is None
        else t("as said by: {value}", value=known(source) if source else t("the record")),
        "numbers": [
            {
                "title": specs[name].title,
                "text": metric_text(specs[name], view.metrics.get(name)),
                "definition": specs[name].definition,
            }
            for name in KEY_METRICS
            if name in specs and name in view.metrics
        ],
    }


def shown_definitions() -> dict[str, str]:
    """``label_definitions`` in the person's language."""
    return {label: known(text) for label, text in label_definitions().items()}


@cache
def label_definitions() -> dict[str, str]:
    """Of each label of the installed analyzers, what it means, in a sentence."""
    return {
        label: definition
        for analyzer in all_analyzers()
        for label, definition in analyzer.labels.items()
    }
