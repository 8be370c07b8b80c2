"""The numbers of the overthinking analyzer about answers: which came when, and which was right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from analysis.analyzers import rounds as rounds_module
from analysis.analyzers import solutions
from analysis.analyzers.overthinking_metrics import OAA_T_MAX
from analysis.analyzers.rounds import Rounds
from analysis.analyzers.tokens import Counted
from analysis.answers import closed
from analysis.answers.candidates import long_enough, with_conclusions, with_worded
from analysis.answers.extract import (
    EXPLICIT_FORMS,
    Candidate,
    ExtractedAnswer,
    answer_of_reasoning,
    explicit_candidates,
    final_answer,
    last_mention,
)
from analysis.answers.normalise import Form, parse, same
from analysis.answers.verify import quick
from analysis.model import Document, ReasoningKind

_LETTER_FIRST = re.compile(r"\(?([A-J])[.):：、]\s*\S")
Value = float | int | bool | str | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What a document says about its answers."""

    final: ExtractedAnswer | None
    everything: Sequence[Candidate]
    """The explicit candidates, and the values that may be answers and equal the final answer, the
    gold answer or an explicit one."""
    placed: Sequence[Candidate]
    """Those that count and whose place tells when the answer stood."""
    shown: Sequence[Candidate]
    """``placed``; a bare mention of the final answer where there is nothing else."""
    right: bool | None
    """The verdict: the stated one, else whether the final answer equals the gold answer."""
    finals: Sequence[Form] = ()
    """The final answer taken apart; where it is right, the gold answer too."""


def answers_of(document: Document) -> Answers:
    """The candidates of a document, its final answer, and whether that is right."""
    text = document.reasoning
    explicit = explicit_candidates(text)
    final = final_answer(document.answer, None) or answer_of_reasoning(explicit)
    gold = gold_form(document)
    if final and (letter := _letter_of(final, document.gold_answer)):
        final = replace(final, value=letter)
    wanted = {c.parsed.core for c in explicit if c.form in EXPLICIT_FORMS}
    wanted |= {form.core for form in (final and parse(final.value), gold) if form}
    everything = with_conclusions(text, document.sentences, explicit, wanted)
    if final and final.source == "answer":
        everything = with_worded(text, document.sentences, everything, final.value)
    right = _is_right(document, final)
    finals = [parse(final.value)] if final else []
    if right and gold:  # the verdict sees more than normal forms do
        finals.append(gold)
    placed = count_candidates(everything, finals, len(document.sentences))
    shown: Sequence[Candidate] = placed
    if not placed and final and (mention := last_mention(text, final)):
        # Shown and counted, but not placed: when the answer FIRST stood is not known from it.
        shown = [mention]
    return Answers(final, everything, placed, shown, right, finals)


def _is_right(document: Document, final: ExtractedAnswer | None) -> bool | None:
    """The stated verdict, else what can be told of the final answer without computer algebra."""
    if document.correct is not None or final is None:
        return document.correct
    told = quick(document.gold_answer, final.raw)
    if told is None or told.verdict == "undecided":
        gold = gold_form(document)
        return None if gold is None else same(parse(final.value), gold)
    return told.verdict == "correct"


def _letter_of(final: ExtractedAnswer, gold: str | None) -> str | None:
    """The letter of "B. Jupiter" where the gold answer is a letter."""
    if gold is None or closed.choice(gold.strip()) is None:
        return None
    stated = _LETTER_FIRST.match(final.raw.strip(" *"))
    return stated[1] if stated else None


def gold_form(document: Document) -> Form | None:
    """The gold answer taken apart; None where there is none."""
    gold = document.gold_answer
    return parse(gold) if gold and gold.strip() else None


def count_candidates(
    found: Sequence[Candidate], finals: Sequence[Form], n_sentences: int
) -> list[Candidate]:
    """The candidates that are answers: the explicit ones, and whichever else equals one of them.

    A concluding sentence states an intermediate result as often as an answer; its value counts only
    where it equals the final answer or a value that is called the answer somewhere. A result without
    a concluding word ("110 + 110 = 220") or a statement ("the remainder is 16") counts so only from
    ``MIN_CHARS`` on: small numbers turn up by chance in a text of more than ``FEW_SENTENCES``.
    """
    called = [c.parsed for c in found if c.form in EXPLICIT_FORMS]
    anchors: dict[str, set[Form]] = {}
    for form in [*called, *finals]:
        anchors.setdefault(form.core, set()).add(form)

    def counts(candidate: Candidate) -> bool:
        if candidate.form in EXPLICIT_FORMS:
            return True
        form = candidate.parsed
        near = anchors.get(form.core, ())
        return long_enough(candidate.form, form.core, n_sentences) and any(
            same(form, anchor) for anchor in near
        )

    return [candidate for candidate in found if counts(candidate)]


def history(document: Document, answers: Answers, counted: Counted) -> dict[str, Value]:
    """Which answers came when, and what came after the last one was first reached."""
    length = len(document.reasoning)
    placed, final = answers.placed, answers.final
    equal = [any(same(c.parsed, form) for form in answers.finals) for c in placed]
    reached = [c for c, is_final in zip(placed, equal, strict=True) if is_final]
    first_final = reached[0].end / length if reached else None
    waste = None if first_final is None else 1.0 - first_final
    after = None if waste is None or counted.tokens is None else round(counted.tokens * waste)
    stable = _stable_from(equal)
    return {
        "final_answer": final.value if final else None,
        "answer_from_thinking": final.source == "reasoning" if final else None,
        "n_candidates": len(answers.shown),
        "n_distinct_answers": len({c.parsed.core for c in answers.shown}),
        "n_answer_changes": sum(not same(a.parsed, b.parsed) for a, b in pairwise(placed)),
        "first_answer_frac": placed[0].end / length if placed else None,
        "first_final_frac": first_final,
        "post_answer_waste": waste,
        "tokens_after_first_final": after,
        "n_repeat_final": len(reached) - 1 if reached else None,
        "first_stable_answer_frac": None if stable is None else placed[stable].end / length,
    }


def _stable_from(equal: Sequence[bool]) -> int | None:
    """Index from which on all are true; None where the last is not."""
    if not equal or not equal[-1]:
        return None
    index = len(equal) - 1
    while index and equal[index - 1]:
        index -= 1
    return index


def against_gold(document: Document, answers: Answers, counted: Counted) -> dict[str, Value]:
    """When the right answer was first reached, and whether it was lost or found on the way."""
    gold, right = gold_form(document), answers.right
    first = _first_correct(document, answers, gold)
    # A wrong response that never has the gold answer scores 0; without a gold answer, or where a
    # right one's reasoning does not say its answer, the place is not known.
    never = first is None and right is False and gold is not None
    known = gold is not None and right is not None
    tokens = counted.tokens if document.reasoning_kind is ReasoningKind.VISIBLE else None
    done = None if first is None or tokens is None else round(tokens * first)
    return {
        "first_correct_frac": first,
        **_transitions(answers, gold),
        "outcome_efficiency": 0.0 if never else first,
        "underthinking": solutions.underthinking(first, right) if known else None,
        "first_correct_tokens": done,
        "reflection_tokens": None if done is None or tokens is None else tokens - done,
        "reflection_share": None if first is None else 1.0 - first,
        "token_efficiency": None if done is None or not tokens else done / tokens,
        "oaa_auc": solutions.oaa_auc(counted.tokens, right, OAA_T_MAX),
    }


def _first_correct(document: Document, answers: Answers, gold: Form | None) -> float | None:
    """Share of the reasoning up to the first value that equals the right answer."""
    if gold is None:
        return None
    forms = [gold]
    if answers.right and answers.final:  # the verdict may see more than normal forms do
        forms.append(parse(answers.final.value))
    for candidate in answers.everything:
        equal = any(same(candidate.parsed, form) for form in forms)
        if equal and long_enough(candidate.form, candidate.parsed.core, len(document.sentences)):
            return candidate.end / len(document.reasoning)
    return None


def _transitions(answers: Answers, gold: Form | None) -> dict[str, Value]:
    placed, right = answers.placed, answers.right
    if gold is None or right is None or not placed:
        return {"right_to_wrong": None, "wrong_to_right": None}
    was_right = any(same(c.parsed, gold) for c in placed)
    began_right = same(placed[0].parsed, gold)
    return {
        "right_to_wrong": was_right and not right,
        "wrong_to_right": not began_right and right,
    }


def rounds_numbers(document: Document, found: Rounds) -> dict[str, Value]:
    """The metrics of solution rounds: those that the record states, else those of the text."""
    if document.solutions:
        return _recorded(document)
    solved = found.solutions
    return {
        "n_solutions": len(solved),
        "n_new_solutions": sum(r.new for r in solved),
        "process_efficiency": found.process_efficiency(),
        "solution_source": "text" if document.reasoning else None,
    }


def _recorded(document: Document) -> dict[str, Value]:
    """From the rounds of the record; overrides what was read from the text."""
    given = document.solutions
    lengths = [len(s.text) for s in given]
    clusters: Sequence[int | str | None] = [s.cluster for s in given]
    if None in clusters:
        clusters = [cluster for cluster, _ in rounds_module.cluster_texts([s.text for s in given])]
    numbers: dict[str, Value] = {
        "n_solutions": len(given),
        "n_new_solutions": len(set(clusters)),
        "process_efficiency": solutions.process_efficiency(lengths, clusters),
        "solution_source": "recorded",
    }
    if any(s.correct is not None for s in given):
        verdicts = [s.correct for s in given]
        numbers["outcome_efficiency"] = solutions.outcome_efficiency(lengths, verdicts)
    return numbers
