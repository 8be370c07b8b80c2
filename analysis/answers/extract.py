"""Where a text states an answer: the final answer of a response, and every candidate of a reasoning.

A candidate is *explicit* (a box, "the answer is ...", a choice taken), a *conclusion* (the value
that a sentence beginning with So, Thus, Therefore ... ends with) or a *result* (the value that any
other sentence ends with behind ``=``) or a *statement* ("the ... is" and a value). The last three
may be mere intermediate results; who counts candidates decides what to do with them (``EXPLICIT_FORMS``).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.answers import latex, patterns
from analysis.answers.normalise import Form, normalise, parse
from analysis.answers.values import Value, read_value
from analysis.model import Sentence

EXPLICIT_FORMS = frozenset({"boxed", "answer_is", "choice", "tag", "hashes"})
"""The text itself calls it the answer. Other forms: 'phrase' (so, but the answer is a phrase in
prose, "the answer is the second one"), 'conclusion', 'result',
'statement' and 'pointed'."""
TAIL_CHARS = 140
"""How much of a concluding sentence's end is looked at."""
LINK_CHARS = 90
"""How far before the end "is" and its like are looked for."""
ANSWER_TAIL_CHARS = 20_000
"""How much of the end of an answer is searched for the weaker forms."""
MAX_WHOLE_CHARS = 60
_LAST_DIGIT = re.compile(r"\d(\D{0,36})\Z")
_END_MARKS = " \n\t\r.。!！?？*✓✔,:;|"
_PROSE_WORD = re.compile(r"(?<![\\\w])[^\W\d_]{3,}|[\u3040-\u9fff]")
_PLAIN_NUMBER = re.compile(r"(?<![\w.,(\[{])[-+]?[$€£¥]?\d[\d,]*(?:\.\d+)?(?:/\d+)?")
_DENIED = re.compile(r"\bnot\b|n['’]t\b|\bin\s|不")
_BOLD = re.compile(r"\*\*([^*\n]{1,120})\*\*")
_BOX_JOINT = re.compile(
    r"[\s$.]*(?:\\[()\[\]]|\\quad|\\qquad|\\text\{[\s,]*(?:and|or)\s*\}|and|or|,|;|和|或|、|\s|\$)*"
)
MIN_MENTION_CHARS = 2
"""A shorter answer is not looked for as a bare mention."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where the reasoning gives an answer: ``reasoning[start:end] == raw``."""

    start: int
    end: int
    raw: str
    value: str
    """The normal form (``normalise.normalise``)."""
    form: str
    """'boxed', 'answer_is', 'choice', 'phrase', 'conclusion', 'result', 'statement',
    'pointed' (a choice), 'mention' (the last place of the final answer, where nothing better is)."""
    parsed: Form
    """The value taken apart, for ``normalise.same``."""


@dataclass(frozen=True, slots=True)
class ExtractedAnswer:
    """The final answer of a response, and where it was read."""

    raw: str
    value: str
    form: str
    """'boxed', 'tag', 'hashes', 'answer_is', 'choice', 'bold', 'whole', 'conclusion'."""
    source: str
    """'answer' (the visible answer) or 'reasoning' (no answer text stated one)."""


def final_answer(answer_text: str | None, reasoning: str | None) -> ExtractedAnswer | None:
    r"""The answer that a response ends with; None when it states none.

    Of the answer text: the last ``\boxed``, else the last explicit statement ("the answer is X",
    "Answer: X", ``#### X``, ``<answer>X</answer>``), else the last bold words of its last line, else
    the whole of a text that is one short line. Only when the answer text states none (or there is
    none) the last *explicit* candidate of the reasoning, marked ``source='reasoning'``.
    """
    if answer_text and answer_text.strip():
        found = _of_answer(answer_text)
        if found:
            return found
    if reasoning:
        explicit = [c for c in explicit_candidates(reasoning) if c.form in EXPLICIT_FORMS]
        if explicit:
            last = explicit[-1]
            return ExtractedAnswer(last.raw, last.value, last.form, "reasoning")
    return None


def candidates(reasoning: str, sentences: Sequence[Sentence] = ()) -> list[Candidate]:
    """Every candidate answer in order, none overlapping another.

    ``sentences`` (of the same text) are needed for the conclusions; without them only the explicit
    candidates are found. Linear in the text.
    """
    explicit = explicit_candidates(reasoning)
    taken = _Cover(explicit)
    found = _conclusions(reasoning, sentences) + _pointed_at(reasoning, sentences)
    weak = [c for c in found if not taken.overlaps(c.start, c.end)]
    return _outermost(sorted(explicit + weak, key=lambda c: (c.start, c.end)))


def explicit_candidates(text: str) -> list[Candidate]:
    """The candidates that the text itself calls an answer, in order; a box wins over words."""
    boxed = [_candidate(text, s, e, "boxed", content) for s, e, content in latex.boxes(text)]
    boxed = _outermost([c for c in boxed if c.value])
    cover = _Cover(boxed)
    others = [*_stated(text), *_choices(text)]
    kept = [c for c in others if c.value and not cover.overlaps(c.start, c.end)]
    kept.sort(key=lambda c: (c.start, c.end))
    return sorted(boxed + _outermost(kept), key=lambda c: (c.start, c.end))


def last_mention(reasoning: str, final: ExtractedAnswer) -> Candidate | None:
    """The last place where the final answer stands as a word or number of its own.

    For reasoning that never calls anything its answer: by then at the latest the answer is there;
    when it first was is not known. Answers of one character turn up by chance and give None.
    """
    for words in dict.fromkeys((final.raw.strip(), final.value)):
        if len(words) < MIN_MENTION_CHARS:
            continue
        at = reasoning.rfind(words)
        while at >= 0:
            if _stands_alone(reasoning, at, at + len(words)):
                return _candidate(reasoning, at, at + len(words), "mention", words)
            at = reasoning.rfind(words, 0, at)
    return None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no letter, digit or decimal part goes on at either side."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if (before[-1:].isalnum() and text[start].isalnum()) or (
        after[:1].isalnum() and text[end - 1].isalnum()
    ):
        return False
    decimal_before = before[-1:] in (".", ",") and before[:1].isdigit()
    decimal_after = after[:1] in (".", ",") and after[1:].isdigit()
    return not (decimal_before or decimal_after)


class _Cover:
    """Spans in order, asked in any order for overlap."""

    def __init__(self, spans: Sequence[Candidate]) -> None:
        self._starts = [span.start for span in spans]
        self._ends = [span.end for span in spans]

    def overlaps(self, start: int, end: int) -> bool:
        index = bisect_left(self._starts, end)
        return index > 0 and self._ends[index - 1] > start


def _outermost(found: list[Candidate]) -> list[Candidate]:
    """Without candidates that overlap an earlier one."""
    kept: list[Candidate] = []
    for candidate in found:
        if not kept or candidate.start >= kept[-1].end:
            kept.append(candidate)
    return kept


def _candidate(text: str, start: int, end: int, form: str, content: str | None = None) -> Candidate:
    """A candidate with its normal form; ``content`` where the value is not the span's text."""
    raw = text[start:end]
    parsed = parse(raw if content is None else content)
    return Candidate(start, end, raw, str(parsed), form, parsed)


def _stated(text: str) -> list[Candidate]:
    """ "The answer is X", "Answer: X", in a dozen languages."""
    found = []
    for start, end in patterns.nouns(text):
        link = patterns.ANSWER_LINK.match(text, end, end + 160)
        if not link or patterns.NOT_STATED.search(text, max(0, start - 45), start):
            continue
        value = read_value(text, link.end(), len(text))
        if value and not text.startswith(("\\boxed", "\\fbox"), value.start):
            form = "phrase" if value.kind == "words" else "answer_is"
            found.append(_candidate(text, value.start, value.end, form))
    return found


def _choices(text: str) -> list[Candidate]:
    """ "Option C is correct", "go with B", 故选C."""
    found = []
    for match in patterns.choices(text):
        before = max(0, match.start() - 40), match.start()
        if _DENIED.search(match.group()) or patterns.IF_BEFORE.search(text, *before):
            continue
        start, end = match.span(1)
        found.append(_candidate(text, start, end, "choice"))
    return found


def _conclusions(text: str, sentences: Sequence[Sentence]) -> list[Candidate]:
    """The values and choices that concluding sentences, and sentences that compute, end with."""
    found = []
    concludes = patterns.CONCLUDES.match
    for sentence in sentences:
        start = sentence.start
        end = start + len(text[start : sentence.end].rstrip(_END_MARKS))
        if text[end - 1] in 'ABCDEFGHIJ)"”' and concludes(text, start, end):
            choice = patterns.CHOICE_LAST.search(text, max(start, end - 24), end)
            if choice:
                found.append(_candidate(text, *choice.span(1), "pointed"))
                continue
        last = _LAST_DIGIT.search(text, max(start, end - 40), end)
        if last is None or len(last[1].split()) > 4:
            continue
        opens = concludes(text, start, end) is not None
        if not opens and patterns.SUPPOSES.match(text, start, end):
            continue
        value = _last_value(text, start, end, opens)
        if value is None:
            continue
        form = "conclusion" if opens else "result" if _equated(text, value.start) else "statement"
        candidate = _candidate(text, value.start, value.end, form)
        if any(char.isdigit() for char in candidate.value):
            found.append(candidate)
    return found


def _pointed_at(text: str, sentences: Sequence[Sentence]) -> list[Candidate]:
    """Choices that a sentence speaks well of ("B seems right")."""
    found = []
    for praised in patterns.CHOICE_PRAISED.finditer(text) if sentences else ():
        index = bisect_right(sentences, praised.start(), key=lambda s: s.start) - 1
        start = sentences[index].start
        if _DENIED.search(praised.group()) or patterns.SUPPOSES.match(text, start, praised.start()):
            continue
        found.append(_candidate(text, *praised.span(1), "pointed"))
    return found


def _equated(text: str, start: int) -> bool:
    """Whether ``=`` stands right before a value."""
    return text[max(0, start - 6) : start].rstrip(" $\\([").endswith(("=", "≈"))


def _last_value(text: str, start: int, end: int, opens: bool) -> Value | None:
    """The value that a sentence ends with, behind ``=`` or behind "is" and its like."""
    low = max(start, end - TAIL_CHARS)
    at = max(text.rfind("=", low, end), text.rfind("≈", low, end)) + 1
    if at:
        value = _value_at(text, at, end)
        if value:
            return value
    if not opens and not patterns.DEFINITE.search(text, low, end):
        return None
    last = None
    for link in patterns.LINK.finditer(text, max(low, end - LINK_CHARS), end):
        value = _value_at(text, link.end(), end)
        last = value or last
    return last


def _value_at(text: str, at: int, end: int) -> Value | None:
    """A number or formula at ``at`` that reaches the end of the sentence."""
    while at < end and text[at] in " *":
        at += 1
    if not patterns.VALUE_START.match(text, at, end):
        return None
    value = read_value(text, at, end, words=False)
    return (
        value
        if value and value.kind in ("number", "formula") and _reaches(text, value, end)
        else None
    )


def _reaches(text: str, value: Value, end: int) -> bool:
    """Whether the sentence ends with the value, or with it and a few words for what it counts."""
    rest = text[value.end : end].strip("$)]\\ *")
    return (
        len(rest) <= 30
        and len(rest.split()) <= 3
        and not any(c.isdigit() or c in "=+*/<>^\\" for c in rest)
    )


def _of_answer(text: str) -> ExtractedAnswer | None:
    """The strongest statement in an answer text."""
    tagged = _tag(text)
    if tagged:
        return tagged
    boxed = _last_boxes(text)
    if boxed:
        return boxed
    tail_at = max(0, len(text) - ANSWER_TAIL_CHARS)
    tail = text[tail_at:]
    hashes = list(patterns.HASHES.finditer(tail))
    if hashes and any(char.isdigit() for char in hashes[-1][1]):
        return _extracted(hashes[-1][1], "hashes")
    stated = explicit_candidates(tail)
    if stated:
        last = stated[-1]
        within = _concluded(last.raw.replace("*", "")) if last.form == "phrase" else None
        return within or _extracted(last.raw, last.form.replace("phrase", "answer_is"))
    return _headed(tail) or _bold(tail) or _concluded(tail) or _whole(text)


def _extracted(raw: str, form: str) -> ExtractedAnswer | None:
    raw = raw.strip()
    value = normalise(raw)
    return ExtractedAnswer(raw, value, form, "answer") if value else None


def _tag(text: str) -> ExtractedAnswer | None:
    """``<answer>X</answer>``: what is inside, or what its own text states."""
    close = text.rfind("</answer>")
    start = text.rfind("<answer>", 0, close) if close > 0 else -1
    if start < 0 or close - start > latex.MAX_BOX_CHARS:
        return None
    inner = text[start + len("<answer>") : close].strip()
    if latex.boxes(inner):
        return _last_boxes(inner)
    return _extracted(inner, "tag") if inner and len(inner.split()) <= 20 else None


def _last_boxes(text: str) -> ExtractedAnswer | None:
    r"""The last box; with the boxes right before it when only "and" or commas stand between."""
    found = latex.boxes(text)
    if not found:
        return None
    group = [found[-1]]
    for box in reversed(found[:-1]):
        gap = text[box[1] : group[0][0]]
        if (
            len(gap) > 40
            or "\n\n" in gap
            or not _BOX_JOINT.fullmatch(gap)
            or not re.search(r"and|or|,|;|和|或|、|^\s*$", gap)
        ):
            break
        group.insert(0, box)
    contents = list(dict.fromkeys(content.strip() for _, _, content in group))
    return _extracted(", ".join(contents), "boxed")


def _headed(text: str) -> ExtractedAnswer | None:
    """The line under a heading "Final Answer"."""
    headings = list(patterns.HEADING.finditer(text))
    if not headings:
        return None
    line = text[headings[-1].end() :].strip().split("\n", 1)[0]
    value = read_value(line, 0, len(line))
    return _extracted(line[value.start : value.end], "answer_is") if value else None


def _bold(text: str) -> ExtractedAnswer | None:
    """The last bold words of the last paragraph, when they are not a heading."""
    paragraph = text.rstrip().rsplit("\n\n", 1)[-1]
    spans = [
        bold
        for bold in _BOLD.finditer(paragraph)
        if not bold[1].rstrip().endswith(":")
        and paragraph[bold.end() : bold.end() + 1] != ":"
        and ("=" not in bold[1] or any(char.isdigit() for char in bold[1]))
    ]
    numbers = [m for m in spans if any(char.isdigit() for char in m[1])]
    if len(spans) == 1 or (len(numbers) == 1 and len(spans) <= 3):
        chosen = numbers[0] if numbers else spans[0]
        if len(chosen[1].split()) <= 8:
            return _extracted(chosen[1], "bold")
    return None


def _concluded(text: str) -> ExtractedAnswer | None:
    """The one value that a concluding last line ends with ("Thus the train goes 150 km.")."""
    line = text.rstrip().rsplit("\n", 1)[-1]
    sentence = re.split(r"(?<=[.!?。])\s+(?=[^\d\s])", line.strip())[-1].strip().rstrip(".。!* ")
    if len(sentence) > 300 or len(_PROSE_WORD.findall(sentence)) < 2:
        return None
    found = _last_value(sentence, 0, len(sentence), opens=True)
    if found:
        return _extracted(sentence[found.start : found.end], "conclusion")
    numbers = list(_PLAIN_NUMBER.finditer(sentence))
    if len(numbers) == 1:
        value = read_value(sentence, numbers[0].start(), len(sentence), words=False)
        if value and _reaches(sentence, value, len(sentence)):
            return _extracted(sentence[value.start : value.end], "conclusion")
    return None


def _whole(text: str) -> ExtractedAnswer | None:
    """A text of one short line is its own answer; of "The capital is Canberra" the end."""
    text = text.strip()
    if len(text) > MAX_WHOLE_CHARS or "\n" in text or len(text.split()) > 8:
        return None
    copula = re.fullmatch(r"(?:The|It|That|This|Its?)\b.* (?:is|are|was|were) (?!not\b)(.+)", text)
    return _extracted(copula[1] if copula else text, "whole")
