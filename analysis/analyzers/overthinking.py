"""Overthinking from the text alone: which answers the reasoning gives, when, and what comes after.

No model, no probes: a candidate answer is what the text states (``answers.extract``). Undefined is
``None``: a trace without a final answer has no ``first_final_frac``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analysis.analyzers import repetition
from analysis.analyzers.base import digest, per_thousand, share
from analysis.analyzers.overthinking_metrics import SPECS
from analysis.analyzers.tokens import CHARS_PER_TOKEN, TOKENS_PER_CJK, count_tokens
from analysis.answers.extract import (
    EXPLICIT_FORMS,
    Candidate,
    ExtractedAnswer,
    candidates,
    final_answer,
    last_mention,
)
from analysis.answers.normalise import Form, parse, same
from analysis.model import Analysis, Document, Finding, Metric, MetricSpec

MAX_FINDINGS = 5_000
"""Of each label; the metrics count all."""
SCORES = dict.fromkeys(EXPLICIT_FORMS, 1.0) | {"mention": 0.3}
"""By form; any other is a conclusion."""
CONCLUSION_SCORE = 0.6
MIN_CHARS = {"result": 3, "statement": 2}
"""A result or statement counts from this many characters of its value on."""
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
_Value = float | int | bool | str | None


@dataclass(frozen=True, slots=True)
class Overthinking:
    """The analyzer; it has no settings beyond the constants of its modules."""

    name: str = "overthinking"
    version: str = "1"

    @property
    def labels(self) -> Mapping[str, str]:
        """Candidate answers, repetitions, loops."""
        return {
            "candidate_answer": "A place where the reasoning gives an answer to the question; its value is the "
            "answer in normal form.",
            "repetition": "A sentence that says an earlier one again, word for word.",
            "loop": "The end of the reasoning, where one block of text is said three times or more.",
        }

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """Every metric with its definition."""
        return SPECS

    @property
    def requires(self) -> frozenset[str]:
        """Sentences and thoughts; answer and gold answer are used where there are any."""
        return frozenset({"sentences", "thoughts"})

    def config_hash(self) -> str:
        """Over the thresholds."""
        return digest(
            CHARS_PER_TOKEN,
            TOKENS_PER_CJK,
            repetition.MIN_SENTENCE_CHARS,
            repetition.MIN_LOOP_CHARS,
        )

    def analyze(self, document: Document) -> Analysis:
        """Candidates, repetitions and loops of one reasoning, and the numbers from them."""
        text = document.reasoning
        final = final_answer(document.answer, text)
        everything = candidates(text, document.sentences)
        counted = count_candidates(everything, final)
        placed = counted
        if not counted and final and (mention := last_mention(text, final)):
            # Shown and counted, but not placed: when the answer FIRST stood is not known from it.
            counted = [mention]
        repeats = repetition.repeated_sentences(text, document.sentences)
        loop = repetition.tail_loop(text)
        findings = [
            Finding(
                "candidate_answer",
                c.start,
                c.end,
                SCORES.get(c.form, CONCLUSION_SCORE),
                c.value,
                {"form": c.form, "raw": c.raw[:200]},
            )
            for c in counted[:MAX_FINDINGS]
        ]
        inside = loop.start if loop else len(text)
        findings += [
            Finding(
                "repetition", again.start, again.end, evidence={"first": [first.start, first.end]}
            )
            for again, first in repeats[:MAX_FINDINGS]
            if again.start < inside
        ]
        if loop:
            evidence = {"period": loop.period, "repeats": round(loop.repeats, 2)}
            findings.append(Finding("loop", loop.start, loop.end, evidence=evidence))
        findings.sort(key=lambda f: (f.start, f.end, f.label))
        numbers: dict[str, _Value] = {
            **_lengths(document),
            **_answers(document, placed, everything, final),
            "n_candidates": len(counted),
            "n_distinct_answers": len({c.parsed.core for c in counted}),
            "repeat_share": share(sum(s.end - s.start for s, _ in repeats), len(text)),
            "ngram8_repeat": repetition.ngram_repeat(text),
            "tail_loop": loop is not None if text else None,
            "zlib_ratio": repetition.zlib_ratio(text),
        }
        return Analysis(
            tuple(findings), tuple(Metric(spec.name, numbers[spec.name]) for spec in SPECS)
        )


def count_candidates(found: Sequence[Candidate], final: ExtractedAnswer | None) -> list[Candidate]:
    """The candidates that are answers: the explicit ones, and whichever else equals one of them.

    A concluding sentence states an intermediate result as often as an answer; its value counts only
    where it equals the final answer or a value that is called the answer somewhere. A result without
    a concluding word ("110 + 110 = 220") or a statement ("the remainder is 16") counts so only from
    ``MIN_CHARS`` on: small numbers turn up by chance.
    """
    called = [c.parsed for c in found if c.form in EXPLICIT_FORMS]
    anchors: dict[str, set[Form]] = {}
    for form in called + ([parse(final.value)] if final else []):
        anchors.setdefault(form.core, set()).add(form)

    def counts(candidate: Candidate) -> bool:
        if candidate.form in EXPLICIT_FORMS:
            return True
        form = candidate.parsed
        if len(form.core) < MIN_CHARS.get(candidate.form, 1):
            return False
        return any(same(form, anchor) for anchor in anchors.get(form.core, ()))

    return [candidate for candidate in found if counts(candidate)]


def _lengths(document: Document) -> dict[str, _Value]:
    """How long the reasoning is, in every unit."""
    text = document.reasoning
    tokens, source = count_tokens(text, document.reasoning_tokens)
    spaced = text if text.isascii() else _CJK.sub(" 字 ", text)
    words = spaced.split()
    switches = max(0, len(document.thoughts) - 1)
    return {
        "thinking_chars": len(text),
        "thinking_words": len(words),
        "thinking_sentences": len(document.sentences),
        "thinking_tokens": tokens,
        "thinking_token_source": source if text else None,
        "n_thoughts": len(document.thoughts),
        "reasoning_switches": switches,
        "switches_per_1k": per_thousand(switches, tokens),
        "placeholder_cot": len(words) >= 5 and len(set(words[:1000])) < 5,
    }


def _answers(
    document: Document,
    counted: Sequence[Candidate],
    everything: Sequence[Candidate],
    final: ExtractedAnswer | None,
) -> dict[str, _Value]:
    """Which answers came when, and what came after the last one was first reached."""
    length = len(document.reasoning)
    tokens = count_tokens(document.reasoning, document.reasoning_tokens)[0]
    forms = [c.parsed for c in counted]
    final_form = parse(final.value) if final else None
    reached = [
        c for c, form in zip(counted, forms, strict=True) if final_form and same(form, final_form)
    ]
    first_final = reached[0].end / length if reached else None
    waste = None if first_final is None else 1.0 - first_final
    changes = sum(not same(a, b) for a, b in pairwise(forms))
    return {
        "final_answer": final.value if final else None,
        "answer_from_thinking": final.source == "reasoning" if final else None,
        "n_answer_changes": changes,
        "first_answer_frac": counted[0].end / length if counted else None,
        "first_final_frac": first_final,
        "post_answer_waste": waste,
        "tokens_after_first_final": None if waste is None else round(tokens * waste),
        "n_repeat_final": len(reached) - 1 if reached else None,
        **_against_gold(document, counted, everything, final),
    }


def _against_gold(
    document: Document,
    counted: Sequence[Candidate],
    everything: Sequence[Candidate],
    final: ExtractedAnswer | None,
) -> dict[str, _Value]:
    """When the gold answer was first reached, and whether it was lost or found on the way."""
    nothing: dict[str, _Value] = dict.fromkeys(
        ("first_correct_frac", "right_to_wrong", "wrong_to_right")
    )
    if not document.gold_answer or not document.gold_answer.strip():
        return nothing
    gold = parse(document.gold_answer)
    first = next((c for c in everything if same(c.parsed, gold)), None)
    right = document.correct
    if right is None and final:
        right = same(parse(final.value), gold)
    known = right is not None and bool(counted)
    was_right = any(same(c.parsed, gold) for c in counted)
    began_right = bool(counted) and same(counted[0].parsed, gold)
    return {
        "first_correct_frac": first.end / len(document.reasoning) if first else None,
        "right_to_wrong": (was_right and not right) if known else None,
        "wrong_to_right": (not began_right and bool(right)) if known else None,
    }
