"""Overthinking: which answers the reasoning gives, when, and what comes after.

From the text alone: a candidate answer is what the text states (``answers.extract``); where a
record holds forced-answer probes or its own solution rounds, these are read too. Undefined is
``None``: a trace without a final answer has no ``first_final_frac``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

from analysis.analyzers import phrases, repetition, rounds, tokenizer
from analysis.analyzers.base import digest, per_thousand, share
from analysis.analyzers.overthinking_answers import (
    Answers,
    Value,
    against_gold,
    answers_of,
    history,
    rounds_numbers,
)
from analysis.analyzers.overthinking_metrics import OAA_T_MAX, SPECS
from analysis.analyzers.probes import CERTAIN_K, probe_numbers
from analysis.analyzers.rounds import Rounds, find_rounds
from analysis.analyzers.tokens import (
    CHARS_PER_TOKEN,
    ENGINE,
    HIGHEST,
    LOWEST,
    TOKENS_PER_CJK,
    Counted,
    answer_tokens,
    is_placeholder,
    tokens_of,
)
from analysis.analyzers.words import count_words
from analysis.answers.candidates import FEW_SENTENCES, MIN_CHARS
from analysis.answers.extract import EXPLICIT_FORMS
from analysis.model import (
    Analysis,
    Document,
    Finding,
    FinishReason,
    Metric,
    MetricSpec,
    ReasoningKind,
)

MAX_FINDINGS = 5_000
"""Of each label; the metrics count all."""
SCORES = dict.fromkeys(EXPLICIT_FORMS, 1.0) | {"mention": 0.3}
"""By form; any other is a conclusion."""
_UNDEFINED = {spec.name: Metric(spec.name, None) for spec in SPECS}
"""Most traces have no probes, for one: these need not be made for each."""
CONCLUSION_SCORE = 0.6
GROUP = 32
"""So many documents go through a stage together."""
_PLACE = attrgetter("start", "end", "label")


@dataclass(frozen=True, slots=True)
class Overthinking:
    """The analyzer; its settings are the constants of its modules, and the tokenizer if any."""

    name: str = "overthinking"
    version: str = "4"

    @property
    def labels(self) -> Mapping[str, str]:
        """Candidate answers, repetitions, loops."""
        return {
            "candidate_answer": "A place where the reasoning gives an answer to the question; its value is the "
            "answer in normal form.",
            "repetition": "A sentence that says an earlier one again, word for word.",
            "loop": "A stretch of the reasoning where one block of text is said three times or more in a row.",
        }

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """Every metric with its definition."""
        return SPECS

    @property
    def requires(self) -> frozenset[str]:
        """Sentences and thoughts; answer, gold answer and probes are used where there are any."""
        return frozenset({"sentences", "thoughts"})

    def config_hash(self) -> str:
        """Over the thresholds, whose counts are believed, the lexicon and the tokenizer."""
        return digest(
            CHARS_PER_TOKEN,
            TOKENS_PER_CJK,
            (LOWEST, HIGHEST, ENGINE),
            repetition.MIN_SENTENCE_CHARS,
            repetition.MIN_LOOP_CHARS,
            rounds.NEW_SHARE,
            rounds.RESTATED_CHARS,
            MIN_CHARS,
            FEW_SENTENCES,
            CERTAIN_K,
            OAA_T_MAX,
            phrases.phrases_hash(),
            tokenizer.settings_hash(),
        )

    def analyze(self, document: Document) -> Analysis:
        """Candidates, repetitions and loops of one reasoning, and the numbers from them."""
        return self.analyze_many([document])[0]

    def analyze_many(self, documents: Sequence[Document]) -> list[Analysis]:
        """The same for many at once, stage by stage.

        A processor that does one thing to many short texts has that thing's code and tables at hand:
        on traces of 2,500 characters this is a fifth faster than one trace after the other.
        """
        groups = range(0, len(documents), GROUP)
        return [analysis for at in groups for analysis in _analyses(documents[at : at + GROUP])]


def _analyses(documents: Sequence[Document]) -> Iterator[Analysis]:
    texts = [document.reasoning for document in documents]
    answers = [answers_of(document) for document in documents]
    found = [find_rounds(text, a.placed) for text, a in zip(texts, answers, strict=True)]
    counted = [tokens_of(document) for document in documents]
    lengths = [_lengths(d, count) for d, count in zip(documents, counted, strict=True)]
    repeats = [repetition.repeated_sentences(d.reasoning, d.sentences) for d in documents]
    repeated = [repetition.read(text, f.words) for text, f in zip(texts, found, strict=True)]
    numbers = [r.numbers(text) for r, text in zip(repeated, texts, strict=True)]
    for i, document in enumerate(documents):
        findings = [
            *_candidate_findings(answers[i], found[i]),
            *_repetition_findings(repeats[i], repeated[i]),
            *_loop_findings(repeated[i]),
        ]
        findings.sort(key=_PLACE)
        known: dict[str, Value] = {
            **lengths[i],
            **history(document, answers[i], counted[i]),
            **against_gold(document, answers[i], counted[i]),
            **rounds_numbers(document, found[i]),
            "repeat_share": share(sum(s.end - s.start for s, _ in repeats[i]), len(texts[i])),
            **numbers[i],
            **probe_numbers(document.probes, document.probes_unread),
        }
        metrics = [
            undefined if (value := known[name]) is None else Metric(name, value)
            for name, undefined in _UNDEFINED.items()
        ]
        yield Analysis(tuple(findings), tuple(metrics))


def _candidate_findings(answers: Answers, found: Rounds) -> list[Finding]:
    """One finding a candidate, with its round and whether that says something new."""
    ends = {r.candidate: (i, r) for i, r in enumerate(found.solutions)}
    findings = []
    for index, c in enumerate(answers.shown[:MAX_FINDINGS]):
        evidence: dict[str, object] = {"form": c.form, "raw": c.raw[:200]}
        if answers.placed and index in ends:
            number, ended = ends[index]
            evidence |= {"round": number, "cluster": ended.cluster, "new": ended.new}
        score = SCORES.get(c.form, CONCLUSION_SCORE)
        findings.append(Finding("candidate_answer", c.start, c.end, score, c.value, evidence))
    return findings


def _repetition_findings(
    repeats: repetition.Repeats, repeated: repetition.Repetition
) -> list[Finding]:
    inside = repeated.tail.start if repeated.tail else None
    return [
        Finding("repetition", again.start, again.end, evidence={"first": [first.start, first.end]})
        for again, first in repeats[:MAX_FINDINGS]
        if inside is None or again.start < inside
    ]


def _loop_findings(repeated: repetition.Repetition) -> list[Finding]:
    tail = [repeated.tail] if repeated.tail else []
    return [
        Finding(
            "loop",
            loop.start,
            loop.end,
            evidence={
                "period": loop.period,
                "repeats": round(loop.repeats, 2),
                "at_end": loop is repeated.tail,
            },
        )
        for loop in chain(repeated.loops[:MAX_FINDINGS], tail)
    ]


def _lengths(document: Document, counted: Counted) -> dict[str, Value]:
    """How long the reasoning is, in every unit, and whose numbers these are."""
    text = document.reasoning
    visible = document.reasoning_kind is ReasoningKind.VISIBLE
    answer, answer_source = answer_tokens(document)
    switches = max(0, len(document.thoughts) - 1)
    per = counted.tokens if visible else None
    said = phrases.count_phrases(text)
    both = None if answer is None or counted.tokens is None else counted.tokens + answer
    flagged = counted.flag in ("too few for the text", "too many for the text")
    return {
        "thinking_chars": len(text),
        "thinking_words": count_words(text),
        "thinking_sentences": len(document.sentences),
        "thinking_tokens": counted.tokens,
        "thinking_token_source": counted.source,
        "n_thoughts": len(document.thoughts),
        "reasoning_switches": switches,
        "switches_per_1k": per_thousand(switches, per),
        "placeholder_cot": is_placeholder(text),
        "reasoning_visible": visible,
        "chars_per_token": counted.chars_per_token,
        "chars_per_token_flag": flagged if counted.chars_per_token is not None else None,
        "token_count_flag": counted.flag,
        "answer_tokens": answer,
        "answer_token_source": answer_source,
        "thinking_share": None if both is None else share(counted.tokens or 0, both),
        "think_closed": think_closed(document),
        "hesitation_per_1k": per_thousand(said[phrases.HESITATION], per),
        "switch_phrases": said[phrases.SWITCH_PHRASE],
    }


def think_closed(document: Document) -> bool | None:
    """Whether the model ended its thinking by itself; None where the record does not tell."""
    if document.truncated or "missing_closer" in document.warnings:
        return False
    if document.answer and document.answer.strip():
        return True
    if document.finish_reason is FinishReason.LENGTH:
        return False
    return True if document.finish_reason in (FinishReason.STOP, FinishReason.TOOL) else None
