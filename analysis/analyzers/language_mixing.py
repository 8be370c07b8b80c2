"""Language mixing: every stretch of a trace that is in another language than most of it.

Letters of another script are found exactly, one by one (``script_mixing``). Latin words in a trace
of another script must be words of a language (``latin_words``). Latin words of another language in
a Latin-script trace are found by how usual they are in each language (``latin_mixing``).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from analysis.analyzers import (
    language_id,
    language_numbers,
    latin_mixing,
    latin_search,
    latin_words,
    script_mixing,
    scripts,
    word_evidence,
    word_lists,
)
from analysis.analyzers.base import digest
from analysis.analyzers.language_specs import METRICS
from analysis.model import Analysis, Document, Finding, Metric, MetricSpec
from analysis.text.masks import Mask, mask_spans, merged

LABEL = "language_mixing"
QUOTE_REACH = 200
QUESTION_SHARE = 0.7
"""This share of the words (or pairs of letters) of a stretch in the question makes it a quote."""
MAX_FINDINGS = 5_000
"""More are counted and not listed."""
_ASCII_WORD = re.compile(r"[A-Za-z]{2,}")
_WORD = re.compile(
    f"{scripts.LATIN_LETTER.pattern}[{scripts.LATIN_LETTER.pattern[1:-1]}{scripts.MARKS}]+"
)
_OPENERS, _CLOSERS = "“‘「『«《‹„", "”’」』»》›“"
_BLOB = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_=-]{48,}+")
"""Base64 and its like: encrypted reasoning, keys, hashes."""
_LETTERS = re.compile(r"[^\W\d_]+")
_BEFORE = re.compile(r"([^\W_]+)[\W_]*$")
_AFTER = re.compile(r"[\W_]*([^\W_]+)")

_Span = tuple[int, int, str, str]
"""Start, end, language and script of a foreign stretch."""


@dataclass(frozen=True, slots=True)
class LanguageMixing:
    """The analyzer; its settings are the word lists and the constants of its modules."""

    name: str = "language_mixing"
    version: str = "2"

    @property
    def labels(self) -> Mapping[str, str]:
        """The one label."""
        return {
            LABEL: "A maximal stretch of text in another language than the one most of the trace is "
            "written in; its value is the language code (ISO 639-1)."
        }

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """Every metric with its definition."""
        return METRICS

    @property
    def requires(self) -> frozenset[str]:
        """Nothing but the reasoning."""
        return frozenset()

    def config_hash(self) -> str:
        """Over the word lists and the thresholds."""
        return digest(
            sorted((code, sorted(words)) for code, words in language_id.stop_words().items()),
            sorted(word_evidence.neutral_words()),
            word_lists.fingerprint(),
            script_mixing.MAX_GAP,
        )

    def analyze(self, document: Document) -> Analysis:
        """Spans, shares and the two languages of one trace."""
        text = document.reasoning
        asked = language_id.code_of(document.target_language)
        of_question = language_id.of_text(document.question)
        target = asked or of_question
        template = latin_words.templates(text)
        masks = _masks(text, template)
        runs = [] if text.isascii() else scripts.runs(text)
        runs = script_mixing.visible_runs(runs, masks, text)
        prose = _blanked(text, masks)
        word = _ASCII_WORD if text.isascii() else _WORD
        found = word.findall(prose)
        shares = language_id.profile(len(found), runs)
        matrix = language_id.dominant(shares, prose, target)
        hint = of_question or target
        # A relative's list is not its own: alone it is no reason to look for other languages.
        listed = language_id.RELATIVES.get(matrix or "", matrix) if runs else matrix
        seeds = latin_mixing.suspicious(found, listed, hint)
        if not runs and not seeds:
            counts = language_numbers.plain(matrix, len(found), sum(map(len, found)))
            return Analysis((), _metrics(counts, [], document, matrix, target))
        words = [match.span() for match in word.finditer(prose)]
        latin = latin_search.Words(text, words, found)
        spans = _other_scripts(text, runs, masks, matrix, target)
        if "Latin" in _home(matrix):
            barriers = sorted([span[0] for span in spans] + [mask[0] for mask in template])
            more = latin_mixing.spans(latin, seeds, barriers, listed, hint)
        else:
            more = latin_words.spans(text, words, hint)
        spans = _together(text, spans, more)
        if not spans and not runs:
            counts = language_numbers.plain(matrix, len(found), sum(map(len, found)))
            return Analysis((), _metrics(counts, [], document, matrix, target))
        tokens = language_numbers.tokens(runs, words, spans, matrix)
        findings = [_finding(text, document.question, span, matrix) for span in spans]
        counts = language_numbers.count(text, tokens)
        metrics = _metrics(counts, findings, document, matrix, target)
        return Analysis(tuple(findings[:MAX_FINDINGS]), metrics)


def _masks(text: str, template: list[Mask]) -> tuple[Mask, ...]:
    """What is no prose, encoded data and template text included."""
    masks = mask_spans(text, identifiers=True)
    blobs = [(*found.span(), "code") for found in _BLOB.finditer(text) if _is_blob(found[0])]
    drawings = _drawings(text)
    if drawings:
        masks = tuple(merged(drawings, list(masks)))
    if not blobs and not template:
        return masks
    return tuple(merged(merged(list(masks), blobs), template))


def _drawings(text: str) -> list[Mask]:
    """Spans of ``[asy] ... [/asy]``, the drawing code of mathematical contests."""
    found: list[Mask] = []
    at = text.find("[asy]")
    while at >= 0:
        end = text.find("[/asy]", at)
        if end < 0:
            break
        found.append((at, end + len("[/asy]"), "code"))
        at = text.find("[asy]", end)
    return found


def _is_blob(run: str) -> bool:
    """Whether a long run without spaces is encoded data, not words with hyphens."""
    return any(c.isdigit() for c in run) and run != run.lower() and run != run.upper()


def _blanked(text: str, masks: Sequence[Mask]) -> str:
    r"""The text with spaces for what is masked, offsets kept; words of ``\text{}`` too are no prose."""
    if not masks:
        return text
    parts: list[str] = []
    at = 0
    for start, end, _ in masks:
        parts += (text[at:start], " " * (end - start))
        at = end
    return "".join([*parts, text[at:]])


def _home(matrix: str | None) -> frozenset[str]:
    """The scripts of the main language."""
    return scripts.scripts_of(matrix) if matrix else frozenset({"Latin"})


def _other_scripts(
    text: str,
    runs: Sequence[script_mixing.Run],
    masks: Sequence[Mask],
    matrix: str | None,
    target: str | None,
) -> list[_Span]:
    """The stretches in a script that the main language is not written in."""
    home = _home(matrix)
    foreign = [run for run in runs if run[0] not in home]
    return list(script_mixing.spans(text, foreign, masks, target))


def _together(text: str, spans: list[_Span], latin: Sequence[tuple[int, int, str]]) -> list[_Span]:
    """Every foreign stretch, in order, none overlapping another."""
    free = [(start, end, language, "Latin") for start, end, language in _outside(spans, latin)]
    return sorted(_trimmed(text, span) for span in spans + free)


def _trimmed(text: str, span: _Span) -> _Span:
    """A span that ends with a letter or its mark: joiners at the end belong to no letter."""
    start, end = span[:2]
    while end > start + 1 and not scripts.is_letter_or_mark(text[end - 1]):
        end -= 1
    return (start, end, *span[2:])


def _outside(
    spans: Sequence[_Span], latin: Sequence[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """The Latin stretches that touch no stretch of another script."""
    starts = [span[0] for span in spans]
    free = []
    for found in latin:
        index = bisect_right(starts, found[1] - 1) - 1
        if index < 0 or spans[index][1] <= found[0]:
            free.append(found)
    return free


def _finding(text: str, question: str | None, span: _Span, matrix: str | None) -> Finding:
    """A span with what is known of it."""
    start, end, language, script = span
    kind = "slip"
    if _quoted(text, start, end) or _in_question(text[start:end], question or "", script):
        kind = "quote"
    elif script != "Latin" and _inside_word(text, start, end, script):
        kind = "intraword"
    before = _BEFORE.search(text, max(0, start - 40), start)
    after = _AFTER.match(text, end, end + 40)
    evidence = {
        "kind": kind,
        "script": script,
        "matrix": matrix,
        "before": before[1] if before else None,
        "after": after[1] if after else None,
    }
    return Finding(LABEL, start, end, 1.0, language, evidence)


def _quoted(text: str, start: int, end: int) -> bool:
    """Whether quotation marks stand around a span, in its line and near."""
    left = text[max(0, start - QUOTE_REACH) : start].rpartition("\n")[2]
    right = text[end : end + QUOTE_REACH].partition("\n")[0]
    if left.count('"') % 2 and '"' in right:
        return True
    for opener, closer in zip(_OPENERS, _CLOSERS, strict=True):
        if left.rfind(opener) > left.rfind(closer) and closer in right:
            return True
    return left.endswith("'") and right.startswith("'")


def _in_question(stretch: str, question: str, script: str) -> bool:
    """Whether most words of a stretch (pairs of letters, in scripts without spaces) are asked with."""
    if not question:
        return False
    by_character = script in scripts.PER_CHARACTER
    said = _pieces(stretch, by_character)
    asked = _asked(question, by_character)
    return bool(said) and sum(one in asked for one in said) >= QUESTION_SHARE * len(said)


@lru_cache(maxsize=4)
def _asked(question: str, by_character: bool) -> frozenset[str]:
    letters = set(question) if by_character else set[str]()
    return frozenset(_pieces(question, by_character) | letters)


def _pieces(text: str, by_character: bool) -> set[str]:
    """The words of a text, or the pairs of its letters (a lone letter for itself)."""
    words = _LETTERS.findall(text.casefold())
    if not by_character:
        return set(words)
    joined = "".join(words)
    if len(joined) < 2:
        return {joined} - {""}
    return {joined[i : i + 2] for i in range(len(joined) - 1)}


def _inside_word(text: str, start: int, end: int, script: str) -> bool:
    """Whether the script changes inside a word, which scripts without spaces only do both ways."""
    before = start > 0 and scripts.LATIN_LETTER.match(text, start - 1) is not None
    after = scripts.LATIN_LETTER.match(text, end) is not None
    return (before and after) if script in scripts.PER_CHARACTER else (before or after)


def _metrics(
    counts: language_numbers.Counts,
    findings: Sequence[Finding],
    document: Document,
    matrix: str | None,
    target: str | None,
) -> tuple[Metric, ...]:
    """Every metric, in the order of its definition."""
    values = language_numbers.values(counts, matrix, target)
    quotes = sum(1 for finding in findings if finding.evidence["kind"] == "quote")
    slips = len(findings) - quotes
    words = sum(counts.words.values())
    values |= {
        "n_language_spans": len(findings),
        "n_language_slips": slips,
        "has_language_slip": slips > 0,
        "n_language_quotes": quotes,
        "language_slip_rate": 1000.0 * slips / words if words else None,
        "first_switch_frac": findings[0].start / len(document.reasoning) if findings else None,
    }
    return tuple(Metric(spec.name, values[spec.name]) for spec in METRICS)
