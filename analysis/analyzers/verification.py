"""Self-verification: the sentence that opens a check, and the whole check up to its verdict.

Cues in context, no model (``lexicons/verification.toml``). A check runs from the sentence that
opens it to the first verdict ("that matches", 对的), to a sentence that turns to another approach,
or to a bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.analyzers.base import digest, per_thousand, share
from analysis.analyzers.cue_scan import (
    cue_evidence,
    cues_of,
    lexicon_hash,
    sentence_finding,
    strongest,
    trimmed,
)
from analysis.analyzers.tokens import count_tokens
from analysis.model import Analysis, Document, Finding, Metric, MetricSpec
from analysis.text.cues import CueMatch

START, WHOLE = "verification_start", "verification"
MIN_WEIGHT = 0.5
CLAIM_SCORE = 0.5
MAX_SENTENCES = 6
"""A check is at most this long; most of those that people marked are shorter."""
MAX_PARAGRAPHS = 2
"""A check that found no verdict ends with this many-th paragraph."""
_PARAGRAPH = re.compile(r"\n\s*\n\s*\Z")


@dataclass(frozen=True, slots=True)
class Verification:
    """The analyzer; what configures it is its lexicon, the switches, and the bounds above."""

    name: str = "verification"
    version: str = "1"

    @property
    def labels(self) -> Mapping[str, str]:
        """The opening sentence and the whole check."""
        return {
            START: "The sentence that opens a check of something the reasoning already has.",
            WHOLE: "A whole check, from the sentence that opens it to its verdict: recomputing, substituting back, "
            "testing a special case, comparing with a known value or with the conditions.",
        }

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """Counts, rate and share."""
        return (
            MetricSpec(
                "n_verification", "Checks", "checks", ">= 0",
                "Sentences that open a check.", "label: 2606.05402 plan:verify", "integer",
            ),
            MetricSpec(
                "verification_per_1k", "Checks per 1,000 tokens", "1/1,000 tokens", ">= 0",
                "1,000 x n_verification / thinking_tokens.", "ours",
            ),
            MetricSpec(
                "verification_share", "Share of checking", "share of characters", "0-1",
                "Characters inside verification findings / all characters.", "label: 2509.14662 Verify",
            ),
        )  # fmt: skip

    @property
    def requires(self) -> frozenset[str]:
        """Sentences, and thoughts: a check does not reach over a switch."""
        return frozenset({"sentences", "thoughts"})

    def config_hash(self) -> str:
        """Over the lexicons and the bounds."""
        return digest(lexicon_hash(), MIN_WEIGHT, MAX_SENTENCES, MAX_PARAGRAPHS)

    def analyze(self, document: Document) -> Analysis:
        """A finding for each opening and for each whole check."""
        text, sentences = document.reasoning, document.sentences
        cues = cues_of(document)
        openings = {
            index: match
            for index, match in strongest(sentences, cues.get(START, ())).items()
            if match.weight >= MIN_WEIGHT
        }
        starts = [
            sentence_finding(document, START, sentences[i], match) for i, match in openings.items()
        ]
        verdicts: dict[int, int] = {}
        index = 0
        for match in cues.get("verdict", ()):
            while sentences[index].end <= match.start:
                index += 1
            verdicts[index] = match.start
        claims = strongest(sentences, cues.get("claim", ()))
        switches = {thought.first_sentence for thought in document.thoughts[1:]}
        whole = _checks(document, openings, verdicts, claims, switches)
        tokens, _ = count_tokens(text, document.reasoning_tokens)
        findings = sorted(starts + whole, key=lambda f: (f.start, f.end, f.label))
        return Analysis(
            tuple(findings),
            (
                Metric("n_verification", len(starts)),
                Metric("verification_per_1k", per_thousand(len(starts), tokens)),
                Metric("verification_share", share(sum(f.end - f.start for f in whole), len(text))),
            ),
        )


def _checks(
    document: Document,
    openings: Mapping[int, CueMatch],
    verdicts: Mapping[int, int],
    claims: Mapping[int, CueMatch],
    switches: set[int],
) -> list[Finding]:
    """The whole checks: runs from an opening, and lone sentences that claim to have checked."""
    sentences = document.sentences
    found: list[Finding] = []
    done = -1
    for first in sorted({*openings, *claims}):
        if first <= done:
            continue
        if first in openings:
            cue = openings[first]
            last = _end_of_check(document, first, cue, openings, verdicts, switches)
            score = cue.weight
        else:
            cue, last, score = claims[first], first, CLAIM_SCORE
        start, end = trimmed(document.reasoning, sentences[first].start, sentences[last].end)
        evidence = {**cue_evidence(document, cue), "sentences": last - first + 1}
        found.append(Finding(WHOLE, start, end, score, None, evidence))
        done = last
    return found


def _end_of_check(
    document: Document,
    first: int,
    cue: CueMatch,
    openings: Mapping[int, CueMatch],
    verdicts: Mapping[int, int],
    switches: set[int],
) -> int:
    """Index of the last sentence of the check that begins with sentence ``first``."""
    sentences, text = document.sentences, document.reasoning
    if verdicts.get(first, -1) >= cue.end:
        return first
    paragraphs = 0
    last = first
    for index in range(first, min(len(sentences), first + MAX_SENTENCES)):
        if index > first and index in switches and index not in openings:
            return last
        last = index
        if index > first and index in verdicts:
            return index
        sentence = sentences[index]
        paragraphs += (
            _PARAGRAPH.search(text, max(sentence.start, sentence.end - 8), sentence.end) is not None
        )
        if paragraphs >= MAX_PARAGRAPHS:
            return index
    return last
