"""Judging the answers of a store: traces with a gold answer, only what is missing or out of date.

Which answer is judged: the one that the record states as extracted, else what the answer text ends
with, else (only of a response that was not cut off) what the reasoning states as its answer. An
unfinished thought is never an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analysis.answers.closed import options
from analysis.answers.extract import final_answer
from analysis.answers.math_pool import MathPool
from analysis.answers.verify import MAX_FIELD_CHARS, NAME, VERSION, Verdict, judge_many
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store.connection import Store
from analysis.store.verdicts import (
    JudgedAnswer,
    PendingAnswer,
    count_pending,
    known_pairs,
    pair_key,
    pending,
    reapply_persons,
    save_verdicts,
)

MAX_JUDGED_TEXT = 20_000
"""Of an answer text that states no answer, so much of its end is judged as a whole."""


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a run judged."""

    n_judged: int = 0
    n_correct: int = 0
    n_wrong: int = 0
    n_undecided: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """The answer of a trace that is judged; ``note`` says where it stood or why there is none."""

    answer: str | None
    note: str = ""


def judge_answers(
    store: Store,
    *,
    workers: int = 1,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> VerifyReport:
    """Judge every trace that has a gold answer and no verdict of this version.

    ``workers`` are processes for math-verify, which start only when a pair needs one. A page of
    traces is one transaction. Raises ``Cancelled`` when asked to stop; what was committed stays.
    """
    cancel = cancel or CancelToken()
    report = VerifyReport()
    reapply_persons(store)
    total = count_pending(store, NAME, VERSION)
    if total == 0:
        return report
    done = 0
    progress(Progress("Judging answers", 0, total, "traces"))
    with MathPool(max(1, workers)) as pool:
        for page in pending(store, NAME, VERSION):
            judged, fresh = _judge_page(store, page, pool, cancel)
            save_verdicts(store, judged, fresh, NAME, VERSION)
            done += len(page)
            report = _add(report, judged)
            note = f"{report.n_undecided:,} undecided"
            progress(Progress("Judging answers", done, total, "traces", note))
    return report


def _judge_page(
    store: Store, page: Sequence[PendingAnswer], pool: MathPool, cancel: CancelToken
) -> tuple[list[JudgedAnswer], dict[str, tuple[str, str, str]]]:
    """Verdicts of a page, and the pairs among them that were not known."""
    chosen = [choose_answer(trace) for trace in page]
    keys = [_key(trace, pick) for trace, pick in zip(page, chosen, strict=True)]
    known = known_pairs(store, sorted({key for key in keys if key}), VERSION)
    missing = {
        key: (trace, pick)
        for trace, pick, key in zip(page, chosen, keys, strict=True)
        if key and key not in known
    }

    def pairs() -> Iterator[tuple[str | None, str | None, str | None, str | None]]:
        for trace, pick in missing.values():
            cancel.raise_if_cancelled()
            yield trace.gold_answer, pick.answer, None, trace.question

    told = judge_many(pairs(), pool=pool)
    fresh = {
        key: (verdict.verdict, verdict.reason, verdict.stage)
        for key, verdict in zip(list(missing), told, strict=True)
    }
    cancel.raise_if_cancelled()
    judged = []
    for trace, pick, key in zip(page, chosen, keys, strict=True):
        verdict = _verdict(pick, (known | fresh)[key] if key else None)
        judged.append(
            JudgedAnswer(
                trace.trace_id,
                trace.gold_answer,
                pick.answer,
                verdict.verdict,
                verdict.reason,
                verdict.stage,
            )
        )
    return judged, fresh


def _verdict(pick: Chosen, told: tuple[str, str, str] | None) -> Verdict:
    if told is None:
        return Verdict("undecided", pick.note or "no answer was found", "input")
    verdict = Verdict(*told)
    return replace(verdict, reason=f"{verdict.reason}; {pick.note}") if pick.note else verdict


def _key(trace: PendingAnswer, pick: Chosen) -> str | None:
    if pick.answer is None:
        return None
    listed = options(trace.question)
    context = [f"{letter}:{text}" for letter, text in listed.items()]
    if trace.question and "ratio" in trace.question.casefold():
        context.append("ratio")
    return pair_key(trace.gold_answer, pick.answer, *context)


def choose_answer(trace: PendingAnswer) -> Chosen:
    """The answer of a trace that is to be judged."""
    if trace.extracted_answer and trace.extracted_answer.strip():
        return Chosen(trace.extracted_answer.strip()[:MAX_FIELD_CHARS])
    cut_off = trace.truncated or trace.finish_reason_norm == "length"
    if trace.answer and trace.answer.strip():
        found = final_answer(trace.answer, None)
        if found is not None and found.sure:
            return Chosen(found.raw)
        if cut_off:
            return Chosen(None, "the answer was cut off before it said anything final")
        # Judged as a whole: what is read off it is then not sure, and never makes it wrong.
        return Chosen(_both_ends(trace.answer.strip()))
    if cut_off:
        return Chosen(None, "the response was cut off while thinking")
    found = final_answer(None, trace.reasoning)
    if found is not None:
        return Chosen(found.raw, "the answer stands in the reasoning")
    return Chosen(None, "no answer was found")


def _both_ends(text: str) -> str:
    if len(text) <= MAX_JUDGED_TEXT:
        return text
    return f"{text[: MAX_JUDGED_TEXT // 4]}\n\n{text[-MAX_JUDGED_TEXT:]}"


def _add(report: VerifyReport, judged: Sequence[JudgedAnswer]) -> VerifyReport:
    counts = dict.fromkeys(("correct", "wrong", "undecided"), 0)
    for one in judged:
        counts[one.verdict] += 1
    return VerifyReport(
        report.n_judged + len(judged),
        report.n_correct + counts["correct"],
        report.n_wrong + counts["wrong"],
        report.n_undecided + counts["undecided"],
    )
