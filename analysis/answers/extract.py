"""Where a text states its answer: the final answer of a response.

The candidates of a reasoning are in ``candidates``; their names are here too, for who uses both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.answers import closed, latex, patterns
from analysis.answers.candidates import (
    EXPLICIT_FORMS,
    Candidate,
    candidates,
    explicit_candidates,
    last_value,
    mention,
    reaches,
    stands_alone,
)
from analysis.answers.normalise import normalise
from analysis.answers.values import read_value

__all__ = [
    "EXPLICIT_FORMS", "Candidate", "ExtractedAnswer", "answer_of_reasoning", "boxed_answer", "candidates",
    "explicit_candidates", "final_answer", "last_mention",
]  # fmt: skip

ANSWER_TAIL_CHARS = 20_000
"""How much of the end of an answer is searched for the weaker forms."""
MAX_WHOLE_CHARS = 60
MIN_MENTION_CHARS = 2
"""A shorter answer is not looked for as a bare mention."""
_PROSE_WORD = re.compile(r"(?<![\\\w])[^\W\d_]{3,}|[\u3040-\u9fff]")
_PLAIN_NUMBER = re.compile(r"(?<![A-Za-z0-9_.,(\[{])[-+]?[$€£¥]?\d[\d,]*(?:\.\d+)?(?:/\d+)?")
_BOLD = re.compile(r"\*\*([^*\n]{1,120})\*\*")
_DISPLAY = re.compile(r"(?:\$\$(.{1,400}?)\$\$|\\\[(.{1,400}?)\\\])[\s.。]*\Z", re.DOTALL)
_ONE_FORMULA = re.compile(r"\$([^$]{1,400})\$()[.。]?")
_BOX_JOINT = re.compile(
    r"[\s$.]*(?:[a-zA-Z](?:_\{?\w\}?)?\s*=|\\[()\[\]]|\\quad|\\qquad|\\text\{[\s,]*(?:and|or)\s*\}|and|or|,|;|和|或|、|\s|\$)*"
)
_RESTATED = re.compile(
    r"\s*(?:[,，;；(（]\s*(?:i\.e\.|that is|or equivalently|equivalently|which is|in other words|namely|即|也就是|or about|or approximately|about|approximately|≈)"
    r"|≈|\\approx(?![a-z]))"
)
"""How the same value is said again."""
_IN_BRACKETS = re.compile(
    r"(?=[^(（]*(?:[A-Za-z]{2}|%|\d [A-Za-z]))([\w.,%°$= -]{2,60}?(?<![=+*/^-])) [(（](?:or |= ?)?([^()（）]{1,60})[)）]?\.?"
)
_FOR_ALL = re.compile(
    r"[\s,;]*(?:\\(?:text|mathrm)\{[\s,]*)?for (?:all|any|every|each)\b[^=<>≤≥]*\Z"
)
_PREPOSITION = re.compile(r"(?:in|at|on|by)\s+(?=\d)")
_ONE_SENTENCE = re.compile(
    r"[^\n]{1,100}?(?:\b(?:is|are|was|were|equals|gives|makes|costs|has|have)|=|[是为有])\s*\**([-−]?[$€£¥]?\d[\d,]*(?:\.\d+)?(?:/\d+)?)\**(?:\s?[%°]|\s?[^\W\d_]{1,12}){0,2}\s*[.。]?"
)
"""A text that is one sentence about the number at its end."""
_PAIRED = re.compile(
    r"(?:\$|\\\()?\b[a-z]\s*=[^=]{1,40}?(?:,\s*(?:and\s+)?|\s+and\s+)(?:\$|\\\()?[a-z]\s*=[^=,]{1,40}\Z"
)
_NOTE = re.compile(
    r"[*_(（>\s]*(?:Note\b|N\.?B\.|Remark|Explanation|注[:：]|备注|Let me know|(?:I )?[Hh]ope (?:this|that|it)|Feel free|If you(?:'d| would| have| need)|Would you like|Happy to|Good luck)",
)
_LABELLED = re.compile(r"[A-Z][A-Za-z ]{1,24}[:：]\s*(\S.*)", re.DOTALL)
_BOX_COUNTED = re.compile(r"[\s$]*[a-z]{2,15}\s+(?:and|or)\s+\$?")
"""What may stand between boxes of one answer: ``\\boxed{1} pen and \\boxed{2} caps``."""


@dataclass(frozen=True, slots=True)
class ExtractedAnswer:
    """The final answer of a response, and where it was read."""

    raw: str
    value: str
    form: str
    """'boxed', 'tag', 'hashes', 'answer_is', 'choice', 'bold', 'whole', 'conclusion', 'display'."""
    source: str
    """'answer' (the visible answer) or 'reasoning' (no answer text stated one)."""
    sure: bool = True
    """Whether the text itself presents it as the answer; a value read off a last sentence is not sure."""


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
    return answer_of_reasoning(explicit_candidates(reasoning)) if reasoning else None


def answer_of_reasoning(found: Sequence[Candidate]) -> ExtractedAnswer | None:
    """The last of the candidates of a reasoning that it calls its answer; None if there is none."""
    for last in reversed(found):
        if last.form in EXPLICIT_FORMS:
            return ExtractedAnswer(last.raw, last.value, last.form, "reasoning")
    return None


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
            if stands_alone(reasoning, at, at + len(words)):
                return mention(reasoning, at, at + len(words), words)
            at = reasoning.rfind(words, 0, at)
    return None


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
    tail = _without_notes(tail)
    return (
        _headed(tail)
        or _bold(tail)
        or _opened(text)
        or _concluded(tail)
        or _whole(text)
        or _displayed(tail)
    )


def _without_notes(text: str) -> str:
    """Without the remarks and courtesies that answers end with, and brackets behind the last sentence."""
    kept = text.rstrip()
    while (at := kept.rfind("\n")) > 0 and _NOTE.match(kept, at + 1):
        kept = kept[:at].rstrip()
    if (
        kept.endswith(")")
        and (at := kept.rfind(". (")) > 0
        and kept.count("(", at) == kept.count(")", at)
    ):
        kept = kept[: at + 1]
    return kept or text


def _opened(text: str) -> ExtractedAnswer | None:
    """The verdict that a text opens with: "Yes, it is prime"."""
    flag = closed.boolean_first(text[:400].replace("*", "").strip())
    return None if flag is None else _extracted("Yes" if flag else "No", "whole", sure=False)


def _extracted(raw: str, form: str, *, sure: bool = True) -> ExtractedAnswer | None:
    raw = first_of_restated(raw.strip())
    words = closed.number_in_words(raw) if raw.isalpha() else None
    value = normalise(raw if words is None else str(words))
    return ExtractedAnswer(raw, value, form, "answer", sure) if value else None


def first_of_restated(text: str) -> str:
    """Of ``x < 2, i.e. (-∞, 2)`` and ``1/6 ≈ 0.167`` what stands first; else the text itself."""
    cut = _RESTATED.search(text)
    if cut is None or not cut.start():
        return text
    first = text[: cut.start()].rstrip(" ,，;；")
    if first.count("$") % 2:  # the formula goes on behind it
        first += "$"
    if cut.group().strip() in ("≈", r"\approx", "(≈") and not any(
        c.isdigit() or c == "\\" for c in first
    ):
        return text
    return first or text


def said_again(text: str) -> list[str]:
    """The ways in which a text says its one value; the text itself where it says it once."""
    text = _FOR_ALL.sub("", _PREPOSITION.sub("", text.strip())) or text
    cut = _RESTATED.search(text)
    if cut is not None and cut.start():
        sides = [text[: cut.start()].strip(" ,，;；"), text[cut.end() :].strip(" )）.:：,，")]
        return [
            side + "$" * (side.count("$") % 2) if i == 0 else side.strip("$")
            for i, side in enumerate(sides)
            if side
        ]
    bracket = _IN_BRACKETS.fullmatch(text)
    return [bracket[1], bracket[2]] if bracket else [text]


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


def boxed_answer(text: str) -> str | None:
    """What the last boxes of a text hold; several side by side are joined by commas."""
    found = _last_boxes(text)
    return found.raw if found else None


def _last_boxes(text: str) -> ExtractedAnswer | None:
    r"""The last box; with the boxes right before it when only "and" or commas stand between."""
    found = _innermost(latex.boxes(text))
    if not found:
        return None
    group = [found[-1]]
    for box in reversed(found[:-1]):
        gap = text[box[1] : group[0][0]]
        if (
            len(gap) > 40
            or "\n\n" in gap
            or not (_BOX_JOINT.fullmatch(gap) or _BOX_COUNTED.fullmatch(gap))
            or not re.search(r"and|or|,|;|和|或|、|^\s*$", gap)
        ):
            break
        group.insert(0, box)
    contents = list(dict.fromkeys(content.strip() for _, _, content in group))
    return _extracted(", ".join(contents), "boxed")


def _innermost(found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Without the boxes around other boxes."""
    ends = [end for _, end, _ in found]
    return [
        box
        for index, box in enumerate(found)
        if index + 1 == len(found) or found[index + 1][0] >= ends[index]
    ]


def _headed(text: str) -> ExtractedAnswer | None:
    """The line under a heading "Final Answer"."""
    headings = list(patterns.HEADING.finditer(text))
    if not headings:
        return None
    line = text[headings[-1].end() :].strip().split("\n", 1)[0]
    if line.rstrip("* ").endswith((":", "：")):  # it announces what follows below
        return None
    value = read_value(line, 0, len(line))
    return _extracted(line[value.start : value.end], "answer_is") if value else None


def _bold(text: str) -> ExtractedAnswer | None:
    """The last bold words of the last paragraph, when they are not a heading."""
    paragraph = text.rstrip().rsplit("\n\n", 1)[-1]
    spans = [
        bold
        for bold in _BOLD.finditer(paragraph)
        if not bold[1].rstrip().endswith((":", "?", "？", "："))
        and paragraph[bold.end() : bold.end() + 1] != ":"
        and ("=" not in bold[1] or any(char.isdigit() for char in bold[1]))
    ]
    numbers = [m for m in spans if any(char.isdigit() for char in m[1])]
    if len(spans) == 1 or (len(numbers) == 1 and len(spans) <= 3):
        chosen = numbers[0] if numbers else spans[0]
        words = chosen[1].strip()
        labelled = _LABELLED.fullmatch(words)
        if len(words.split()) <= 8:
            sure = bool(numbers) and _only_bold(text, paragraph, chosen)
            return _extracted(labelled[1] if labelled else words, "bold", sure=sure)
    return None


def _only_bold(text: str, paragraph: str, chosen: re.Match[str]) -> bool:
    """Whether a number is the only bold one of a text, and its sentence ends with it and says so.

    "The result is **20**." and "**20** handshakes." state their answer as clearly as a box does.
    """
    plain = _PLAIN_NUMBER.fullmatch(chosen[1].strip(" .$"))
    others = [m for m in _BOLD.finditer(text) if any(c.isdigit() for c in m[1])]
    behind = paragraph[chosen.end() :].strip(" .!。！")
    before = re.split(r"[.!?。！？\n]\s*", paragraph[: chosen.start()])[-1].strip()
    if plain is None or len(others) != 1 or "\n" in behind or len(behind.split()) > 2:
        return False
    alone = not paragraph[: chosen.start()].strip() and len(text) <= 80
    return (
        alone
        or re.search(r"(?:\b(?:is|are|was|were|equals|makes|of|there are)|=|[是为])$", before)
        is not None
    )


def _concluded(text: str) -> ExtractedAnswer | None:
    """The one value that a concluding last line ends with ("Thus the train goes 150 km.")."""
    line = text.rstrip().rsplit("\n", 1)[-1]
    sentence = re.split(r"(?<=[.!?。])\s+(?=[^\d\s])", line.strip())[-1].strip().rstrip(".。!* ")
    sure = (
        patterns.CONCLUDES.match(sentence) is not None
        or _ONE_SENTENCE.fullmatch(text.strip()) is not None
    )
    if len(sentence) > 300 or (len(_PROSE_WORD.findall(sentence)) < 2 and not sure):
        return None
    paired = _PAIRED.search(sentence)
    if paired:
        return _extracted(
            paired.group().replace("$", "").replace(r"\(", ""), "conclusion", sure=False
        )
    found = last_value(sentence, 0, len(sentence), opens=True)
    if found:
        return _extracted(sentence[found.start : found.end], "conclusion", sure=sure)
    numbers = list(_PLAIN_NUMBER.finditer(sentence))
    if len(numbers) == 1:
        value = read_value(sentence, numbers[0].start(), len(sentence), words=False)
        if value and reaches(sentence, value, len(sentence)):
            raw = sentence[value.start : value.end]
            return _extracted(raw, "conclusion", sure=sure)
    return None


def _displayed(text: str) -> ExtractedAnswer | None:
    """The right-hand side of a displayed formula that the text ends with."""
    match = _DISPLAY.search(text[-1000:]) or _ONE_FORMULA.fullmatch(text.strip())
    if not match:
        return None
    body = match[1] or match[2]
    sides = re.split(r"=|\\equiv|\\approx|≡|≈", body)
    return _extracted(sides[-1], "display", sure=False) if len(sides) > 1 else None


_OPENING = re.compile(r"(?:So|Thus|Therefore|Hence|所以|因此|故)[,，:：]?\s*(?=[$\\\d])")


_VALUE_OF = re.compile(r"[\d!)}]\s*=\s*[-−]?\d[\d.,]*[\s$\].\\]*\Z")


def _whole(text: str) -> ExtractedAnswer | None:
    """A text of one short line is its own answer; of "The capital is Canberra" the end."""
    text = text.strip()
    if text.startswith(("$", r"\[")) and (text.count("=") > 1 or _VALUE_OF.search(text)):
        return None  # the right-hand side of the last is the answer
    if len(text) > MAX_WHOLE_CHARS or "\n" in text or len(text.split()) > 8:
        return None
    copula = re.fullmatch(r"(?:The|It|That|This|Its?)\b.* (?:is|are|was|were) (?!not\b)(.+)", text)
    if copula and not _PLAIN_NUMBER.fullmatch(copula[1].strip(" .$*")):
        return _extracted(copula[1], "whole")
    return _extracted(copula[1] if copula else _OPENING.sub("", text), "whole")
