"""Two cells compared in words, in the person's language: as ``effort.wording`` says it in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.effort.pairs import MCNEMAR
from analysis.effort.wording import p_value, percent, points
from analysis.ui.i18n import language, t

Row = Mapping[str, Any]


def pair_sentence(row: Row) -> str:
    """What a row of ``views.efforts.paired`` shows, in a few sentences. Not escaped."""
    if language() == "en":
        return str(row["sentence"])
    parts = [_accuracy(row), _tokens(row)]
    if row["accuracy_moved"] is False and row["tokens_moved"] is False:
        parts.append(
            t(
                "So {b} shows no measurable effect over {a}, neither in accuracy nor in tokens.",
                a=row["label_a"],
                b=row["label_b"],
            )
        )
    return " ".join(parts)


def _accuracy(row: Row) -> str:
    names = {"a": row["label_a"], "b": row["label_b"]}
    if not row["n_questions"]:
        return t("{a} and {b} have no question in common.", **names)
    if not row["n_judged"] or row["accuracy_a"] is None or row["accuracy_b"] is None:
        return t(
            "{a} and {b} have {n:,} questions in common, but none with a verdict in both, so their"
            " accuracy cannot be compared.",
            n=row["n_questions"],
            **names,
        )
    text = t(
        "On the {n:,} questions judged in both, {b} is right on {share_b} and {a} on {share_a}:"
        " {points} points{interval}.",
        n=row["n_judged"],
        share_a=percent(row["accuracy_a"]),
        share_b=percent(row["accuracy_b"]),
        points=points(row["difference"] or 0.0),
        interval=_interval(row),
        **names,
    )
    text += t(
        " {b} gains {gained:,} questions and loses {lost:,}; {test}.",
        b=row["label_b"],
        gained=row["only_b"] or 0,
        lost=row["only_a"] or 0,
        test=_test(row),
    )
    if row["accuracy_moved"] is False:
        text += t(" No measurable effect on accuracy.")
    return text


def _interval(row: Row) -> str:
    low, high = row["difference_low"], row["difference_high"]
    if low is None or high is None:
        return t(" (too few questions for an interval)")
    return t(" (95 % interval {low} to {high})", low=points(low), high=points(high))


def _test(row: Row) -> str:
    if row["p"] is None:
        return t("no test is possible")
    name = MCNEMAR if row["test"] == MCNEMAR else t("permutation of question means")
    text = f"{name} p {p_value(row['p'])}"
    if row["p_holm"] is not None:
        text += t(", {p} after Holm's correction", p=p_value(row["p_holm"]))
    return text


def _tokens(row: Row) -> str:
    value, low, high = (row[f"token_ratio{end}"] for end in ("", "_low", "_high"))
    if value is None:
        return t("Their thinking tokens cannot be compared: no question has a count in both.")
    between = (
        t(" (95 % interval {low} to {high})", low=f"{low:.2f}", high=f"{high:.2f}") if low else ""
    )
    text = t(
        "It used {times:.2f} times the thinking tokens{interval}, the geometric mean of the ratios"
        " of {n:,} questions; on {share} of them it used fewer.",
        times=value,
        interval=between,
        n=row["n_tokens"],
        share=percent(row["fewer_share"] or 0.0, 0),
    )
    if row["tokens_moved"] is False:
        text += t(" No measurable effect on thinking tokens.")
    return text
