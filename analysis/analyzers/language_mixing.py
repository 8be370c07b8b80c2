"""Language mixing by script: every letter of a script that the trace's main language does not use.

Cross-script only: German words in an English trace are not found here (docs/analyzers). What is
found is exact: no tokeniser, no minimum length, so a single glued character counts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.analyzers import language_id, latin_words, scripts
from analysis.analyzers.base import digest
from analysis.model import Analysis, Document, Finding, Metric, MetricSpec
from analysis.text.masks import Mask, mask_spans

LABEL = "language_mixing"
MAX_GAP = 60
"""Two runs of one language this far apart, in characters, with no words between, are one span."""
QUOTE_REACH = 200
MAX_FINDINGS = 5_000
"""More are counted and not listed."""
_WORD_BETWEEN = re.compile(
    r"(?<![A-Za-z])(?![A-Z]{2,5}(?![a-z]))(?![a-z]{1,2}[A-Z][a-z]+)[^\W\d_]{2,}"
)
"""A word that parts two spans; an acronym (ABC) or a brand such as iPhone does not."""
_SPACES = re.compile(r"\s+")
_OPENERS, _CLOSERS = "“‘「『«《‹„", "”’」』»》›“"
_HOW = "letters and words outside code, formulas, addresses and tags"


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of one foreign language, before it becomes a finding."""

    start: int
    end: int
    language: str
    script: str


@dataclass(frozen=True, slots=True)
class LanguageMixing:
    """The analyzer; its only setting is in code (``MAX_GAP``) and in the word lists."""

    name: str = "language_mixing"
    version: str = "1"

    @property
    def labels(self) -> Mapping[str, str]:
        """The one label."""
        return {
            LABEL: "A maximal stretch of text in another script, and so another language, than the "
            "one most of the trace is written in; its value is the language code (ISO 639-1)."
        }

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """Every metric with its definition."""
        return _METRICS

    @property
    def requires(self) -> frozenset[str]:
        """Nothing but the reasoning."""
        return frozenset()

    def config_hash(self) -> str:
        """Over the word lists and the thresholds."""
        return digest(
            sorted(
                (language, sorted(words)) for language, words in language_id.stop_words().items()
            ),
            sorted(latin_words.NEUTRAL),
            MAX_GAP,
        )

    def analyze(self, document: Document) -> Analysis:
        """Spans, shares and the two languages of one trace."""
        text = document.reasoning
        asked = language_id.code_of(document.target_language)
        target = asked or language_id.of_text(document.question)
        runs = scripts.runs(text)
        if not runs:
            return _latin_only(text, target)
        masks = mask_spans(text)
        runs = _outside(runs, masks, _hard(masks), text)
        words = latin_words.words(text, mask_spans(text, identifiers=True))
        shares = language_id.profile(len(words), runs)
        matrix = language_id.dominant(shares, text, target)
        home = scripts.scripts_of(matrix) if matrix else frozenset({"Latin"})
        foreign = [run for run in runs if run[0] not in home]
        spans = list(_merged(text, foreign, masks, target))
        if "Latin" not in home:
            spans += [
                _Span(start, end, latin_words.language(text[start:end], target), "Latin")
                for start, end in latin_words.spans(text, words)
            ]
            spans.sort(key=lambda span: span.start)
        asked_words = _SPACES.sub(" ", document.question or "")
        findings = tuple(_finding(text, asked_words, span, matrix) for span in spans[:MAX_FINDINGS])
        return Analysis(findings, _numbers(text, runs, words, spans, matrix, target))


def _latin_only(text: str, target: str | None) -> Analysis:
    """The common case, a text without one letter of another script: nothing to find."""
    matrix = language_id.latin_language(text, target)
    has_words = scripts.LATIN_WORD.search(text) is not None
    other = None if matrix is None or target is None else matrix != target
    return Analysis(
        (),
        (
            Metric("matrix_language", matrix),
            Metric("target_language", target),
            Metric("n_language_spans", 0),
            Metric("foreign_share", 0.0 if has_words else None),
            Metric("language_consistency", None if other is None or not has_words else 1.0 - other),
            Metric("thinks_in_other_language", other),
        ),
    )


def _hard(masks: Sequence[Mask]) -> list[Mask]:
    r"""The masks that hide letters of any script; formulas do not (``\text{速度}`` is a word)."""
    return [mask for mask in masks if mask[2] != "math"]


def _outside(
    runs: list[tuple[str, int, int]], masks: Sequence[Mask], hard: Sequence[Mask], text: str
) -> list[tuple[str, int, int]]:
    """Runs outside code, addresses and tags; Greek only where it is a word and no formula."""
    kept = []
    hard_starts, all_starts = [m[0] for m in hard], [m[0] for m in masks]
    for script, start, end in runs:
        if _covered(hard, hard_starts, start) or _ends_address(text, hard, hard_starts, start):
            continue
        if script == "Greek" and (
            not _greek_word(text[start:end]) or _covered(masks, all_starts, start)
        ):
            continue
        kept.append((script, start, end))
    return kept


def _covered(masks: Sequence[Mask], starts: Sequence[int], position: int) -> bool:
    index = bisect_right(starts, position)
    return index > 0 and position < masks[index - 1][1]


def _ends_address(text: str, hard: Sequence[Mask], starts: Sequence[int], position: int) -> bool:
    """Whether a run is the end of a web address (``.../wiki/数学``), which masks leave out."""
    if position == 0 or text[position - 1] not in "/=_":
        return False
    index = bisect_right(starts, position - 1)
    return index > 0 and hard[index - 1][1] == position and hard[index - 1][2] == "url"


def _greek_word(letters: str) -> bool:
    """A Greek word: three letters or more, with an accent or a final sigma, or a long one."""
    if len(letters) < 3:
        return False
    return any(char in "άέήίόύώΐΰςΆΈΉΊΌΎΏ" or "\u1f00" <= char <= "\u1fff" for char in letters) or (
        len(letters) >= 6 and letters[1:].islower()
    )


def _merged(
    text: str, runs: Sequence[tuple[str, int, int]], masks: Sequence[Mask], hint: str | None
) -> Iterator[_Span]:
    """Runs of one language with nothing but signs, digits and variables between them as one span."""
    group: list[tuple[str, int, int]] = []
    for run in runs:
        if group and not (
            _family(run[0]) == _family(group[0][0]) and _joins(text, group[-1][2], run[1], masks)
        ):
            yield _span(text, group, hint)
            group = []
        group.append(run)
    if group:
        yield _span(text, group, hint)


def _family(script: str) -> str:
    """Scripts that one language mixes."""
    return "CJ" if script in ("Han", "Kana", "Bopomofo") else script


def _joins(text: str, left: int, right: int, masks: Sequence[Mask]) -> bool:
    """Whether a gap holds no word: formulas in it are skipped."""
    if right - left > MAX_GAP:
        return right - left <= 5 * MAX_GAP and _only_formula(text, left, right, masks)
    if not _WORD_BETWEEN.search(text, left, right):
        return True
    return _only_formula(text, left, right, masks)


def _only_formula(text: str, left: int, right: int, masks: Sequence[Mask]) -> bool:
    """Whether what a gap holds beside formulas is short and without words."""
    at, visible = left, 0
    index = max(0, bisect_right(masks, left, key=lambda mask: mask[0]) - 1)
    while index < len(masks) and masks[index][0] < right:
        start, end, kind = masks[index]
        index += 1
        if end <= at or kind != "math":
            continue
        if start > at:
            if _WORD_BETWEEN.search(text, at, start):
                return False
            visible += start - at
        at = end
    return not _WORD_BETWEEN.search(text, at, right) and visible + max(0, right - at) <= MAX_GAP


def _span(text: str, group: Sequence[tuple[str, int, int]], hint: str | None) -> _Span:
    """A group of runs as a span with its language."""
    counts = Counter[str]()
    for script, start, end in group:
        counts[script] += end - start
    script = max(sorted(counts), key=lambda name: counts[name])
    if _family(script) == "CJ":
        kana = counts["Kana"]
        japanese = kana >= language_id.KANA_SHARE * (kana + counts["Han"])
        language = "ja" if japanese else "zh"
    else:
        letters = "".join(sorted({c for _, a, b in group[:50] for c in text[a:b]}))
        language = scripts.language_of(script, letters, hint)
    return _Span(group[0][1], group[-1][2], language, script)


def _finding(text: str, question: str, span: _Span, matrix: str | None) -> Finding:
    """A span with what is known of it."""
    kind = "slip"
    words = _SPACES.sub(" ", text[span.start : span.end])
    if _quoted(text, span.start, span.end) or words in question:
        kind = "quote"
    elif _inside_word(text, span):
        kind = "intraword"
    evidence = {"kind": kind, "script": span.script, "matrix": matrix}
    return Finding(LABEL, span.start, span.end, 1.0, span.language, evidence)


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


def _inside_word(text: str, span: _Span) -> bool:
    """Whether the script changes inside a word, which scripts without spaces only do both ways."""
    before = span.start > 0 and scripts.LATIN_LETTER.match(text, span.start - 1) is not None
    after = scripts.LATIN_LETTER.match(text, span.end) is not None
    return (before and after) if span.script in scripts.PER_CHARACTER else (before or after)


def _numbers(
    text: str,
    runs: Sequence[tuple[str, int, int]],
    words: Sequence[tuple[int, int]],
    spans: Sequence[_Span],
    matrix: str | None,
    target: str | None,
) -> tuple[Metric, ...]:
    """The metrics, from the counted runs and words."""
    latin_letters = sum(end - start for start, end in words)
    other_letters = sum(end - start for _, start, end in runs)
    total = latin_letters + other_letters
    foreign = sum(
        sum(end - start for _, start, end in _within(runs, span))
        + sum(end - start for start, end in _within_words(words, span))
        for span in spans
    )
    other = None if matrix is None or target is None else matrix != target
    return (
        Metric("matrix_language", matrix),
        Metric("target_language", target),
        Metric("n_language_spans", len(spans)),
        Metric("foreign_share", min(1.0, foreign / total) if total else None),
        Metric("language_consistency", _consistency(text, runs, words, spans, matrix, target)),
        Metric("thinks_in_other_language", other),
    )


def _consistency(
    text: str,
    runs: Sequence[tuple[str, int, int]],
    words: Sequence[tuple[int, int]],
    spans: Sequence[_Span],
    matrix: str | None,
    target: str | None,
) -> float | None:
    """Num(words in the target language) / Num(words), words as ``MetricSpec`` documents them."""
    if target is None or matrix is None:
        return None
    by_script: Counter[str] = Counter()
    for script, start, end in runs:
        by_script[script] += end - start if script in scripts.PER_CHARACTER else 1
    total = sum(by_script.values()) + len(words)
    if not total:
        return None
    home = scripts.scripts_of(target)
    hits = sum(count for script, count in by_script.items() if script in home)
    if "Latin" in home:
        named = target if matrix == target else matrix
        hits += len(words) if named == target or "Latin" not in scripts.scripts_of(matrix) else 0
    if target == "zh":
        hits -= sum(
            end - start
            for span in spans
            if span.language == "ja"
            for script, start, end in _within(runs, span)
            if script in home
        )
    return max(0, hits) / total


def _within(runs: Sequence[tuple[str, int, int]], span: _Span) -> Iterator[tuple[str, int, int]]:
    """The runs inside a span; runs are sorted."""
    index = bisect_right(runs, span.start - 1, key=lambda run: run[1])
    while index < len(runs) and runs[index][1] < span.end:
        yield runs[index]
        index += 1


def _within_words(words: Sequence[tuple[int, int]], span: _Span) -> Iterator[tuple[int, int]]:
    """The Latin words inside a Latin span."""
    if span.script != "Latin":
        return
    index = bisect_right(words, span.start - 1, key=lambda word: word[0])
    while index < len(words) and words[index][0] < span.end:
        yield words[index]
        index += 1


_METRICS = (
    MetricSpec(
        "matrix_language", "Main language", "language code", "ISO 639-1",
        "The language of the script that most words of the reasoning are in; within Latin script by a vote of "
        "function words. The asked language wins where its script holds at least 30 % of the words.",
        "ours (operational form of the matrix language of Myers-Scotton 1993)", "text",
    ),
    MetricSpec(
        "target_language", "Asked language", "language code", "ISO 639-1",
        "The language that was asked for, else the language of the question.", "ours", "text",
    ),
    MetricSpec(
        "n_language_spans", "Foreign stretches", "spans", ">= 0",
        "Number of language_mixing findings.", "ours", "integer",
    ),
    MetricSpec(
        "foreign_share", "Foreign share", "share of letters", "0-1",
        f"Letters inside language_mixing findings / letters; {_HOW}.", "ours",
    ),
    MetricSpec(
        "language_consistency", "Language consistency", "share of words", "0-1",
        "Num(words in the asked language) / Num(words). A word is a run of letters between spaces or signs; in Han, "
        "kana, Thai, Lao, Khmer, Burmese and Tibetan every letter is one. Latin words count as the trace's main "
        f"Latin-script language. Counted are {_HOW}.",
        "DeepSeek-R1, arXiv 2501.12948, 2.3.2 (its tokenisation is not stated; this one is ours)",
    ),
    MetricSpec(
        "thinks_in_other_language", "Thinks in another language", "", "true/false",
        "Whether the main language of the reasoning is not the asked one. Not mixing: a trace can be wholly in "
        "another language without one foreign word.", "ours", "boolean",
    ),
)  # fmt: skip
