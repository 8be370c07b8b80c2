r"""From what stands in a ``gold`` or ``pred`` field to the answer itself.

Such a field holds a bare answer, or a whole response with a box, "the answer is ..." or a formula in
a sentence. A bare answer comes back as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analysis.answers import latex
from analysis.answers.extract import EXPLICIT_FORMS, boxed_answer, final_answer
from analysis.answers.normalise import prose

MAX_BARE_CHARS = 200
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}(?![A-Za-z])")
_FORMULA = re.compile(
    r"\$\$(.+?)\$\$|(?<!\\)\$([^$\n]{1,400}?)(?<!\\)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL
)
_BOX = re.compile(r"\\f?box|\x08oxed")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[A-Za-z*]+\}")
_CJK = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]{2}")
_DOUBLED = re.compile(r"\\\\(?=f?box|boxed)")
_ANNOUNCED = re.compile(
    r"answer|答案|答[:：]|答え|[Ll]ösung|####|<answer>|(?:故|应|应该|所以|因此)选|(?:option|choice) \(?[A-J]\)? is",
    re.IGNORECASE,
)
_JOINING = frozenset(["and", "or", "if", "is", "to", "of", "the", "a", "an", "per", "for", "in", "square", "cubic", "degrees", "percent", "approximately", "about"])  # fmt: skip
_PLAIN_NUMBER = re.compile(
    r"(?<![\w.,(\[{/^_])[-+−]?[$€£¥]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])|(?<![\w.,(\[{/^_])[-+−]?[$€£¥]?\d+(?:[.,]\d+)?(?:/\d+)?(?![\d])"
)
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])")
_COPULA = re.compile(
    r"(?:(?:the|it|this|that|its|my|our|final)?\b[^.!?\n]{0,120}?\s(?:is|are|was|were)\s+(?!not\b)|[^。！？\n]{0,60}?(?:是|为))"
    r"(?:called\s+|named\s+|known as\s+)?(.{1,80})",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"([A-Z][\w' -]{1,40}?) (?:is|are|was|were) (?:the|a|an) ")
"""What the first sentence is about: "Jupiter is the largest planet"."""
_LEADS_TO = re.compile(
    r"(?:^|[:：=,≈]|\b(?:is|are|be|was|were|equals?|gives?|get|have|obtain|find|that|by|to|at|therefore|thus|so|hence|then"
    r"|answer|value|approximately|about|exactly)|[是为得]|所以|因此|故|则)\s*\**\s*$",
    re.IGNORECASE,
)
_ENDS_AFTER_VERB = re.compile(r"(?:is|as)\b|<\|")
_ENDS_AFTER = re.compile(
    r"(?:(?:is|as)\s+(?:the|our|my)\s+(?:final\s+|correct\s+)?(?:solution|answer|result|value)\b.{0,40}"
    r"|[a-zA-Z°%/^²³]{1,12}(?:\s+[a-zA-Z]{1,12})?)?(?:\s*<\|\w+\|>\w*)?",
    re.DOTALL,
)
_SIGNS = re.compile(r"\\(?!text|mathrm|mbox|,|;|\s)|[\^_=<>≤≥+*/|]|\d!|\)!")
_PUNCTUATION = re.compile(r"(?<!\d)[.,:]|[.,:](?!\d)|[;!?'\"“”‘’`…。，；：！？、*]")
_OPENING = re.compile(
    r"(?:So|Thus|Therefore|Hence|所以|因此|故)[,，:：]?\s*(?=\$[^$]+\$[.。]?\s*$)"
)
_UNIT_POWER = re.compile(r"(?<=[a-z])\$\^\{?([23])\}?\$")
"""``cm$^2$``: only the power of the unit is a formula."""
_LEADING = re.compile(r"(?:final\s+)?answer\s*[:：]?\s*(?=[\\$\d(\[{-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stated:
    """The answer that a field holds; not ``sure`` when no word of the text calls it the answer."""

    text: str
    sure: bool = True


def stated_answer(text: str) -> Stated:
    """The answer that a field holds."""
    text = _UNIT_POWER.sub(r"^\1", text.strip())
    if _BOX.search(text):
        boxed = boxed_answer(_DOUBLED.sub(r"\\", text))
        return Stated(_unclosed_box(text) if boxed is None else boxed)
    leading = _LEADING.match(text)
    if leading and len(text) <= MAX_BARE_CHARS:
        return Stated(text[leading.end() :].strip())
    text = _OPENING.sub("", text)
    if not is_prose(text) and not _ANNOUNCED.search(text):
        return Stated(text)
    found = final_answer(text, None)
    if found is not None and found.form in EXPLICIT_FORMS:
        return Stated(found.raw)
    formula = _last_formula(text)
    if formula is not None and (found is None or not found.sure or formula.sure):
        return formula
    if found is not None and found.form != "whole":
        return Stated(found.raw, found.sure)
    return Stated(text)


def _last_formula(text: str) -> Stated | None:
    """The formula that a sentence comes to: behind "is", ":", "Therefore" ..., with nothing after it.

    In "the function $f$ is even" it is not the answer.
    """
    tail = text[-4000:]
    formulas = list(_FORMULA.finditer(tail))
    if not formulas:
        return None
    last = formulas[-1]
    before, after = tail[: last.start()], tail[last.end() :].strip(" .。!*\n")
    if not _LEADS_TO.search(before) or not _ENDS_AFTER.fullmatch(after):
        return None
    inside = next(group for group in last.groups() if group is not None)
    unit = after if after and not _ENDS_AFTER_VERB.match(after) else ""
    sure = len(formulas) == 1 and len(text) <= MAX_BARE_CHARS and "\n\n" not in text
    return Stated(f"{inside} {unit}".strip(), sure=sure)


def complements(text: str) -> list[str]:
    """What the first and the last sentence say that something is: "The capital is **Canberra**. ..."."""
    plain = text.replace("**", "").strip()
    lines = [line.strip() for line in plain[:2000].split("\n") if line.strip()]
    if not lines:
        return []
    tail = plain[-2000:].rsplit("\n", 1)[-1].strip()
    ends = (_SENTENCE_END.split(lines[0])[0], _SENTENCE_END.split(tail)[-1])
    found = []
    for sentence in dict.fromkeys(ends):
        match = _COPULA.fullmatch(sentence.strip(" .!。！"))
        if match:
            found.append(match[1])
    subject = _SUBJECT.match(lines[0])
    if subject:
        found.append(subject[1])
    return found


def is_prose(text: str) -> bool:
    """Whether a field is a sentence rather than a bare answer."""
    if len(text) > MAX_BARE_CHARS and not text.startswith(("\\", "$", "{", "(", "[")):
        return True
    formulas = ("$" in text or r"\(" in text or r"\[" in text) and _FORMULA.search(text)
    words = _prose_words(_FORMULA.sub(" ", text) if formulas else text)
    if formulas:
        if _CJK.search(text[: formulas.start()]):
            return True
        return len(words) >= 2 or bool(_prose_words(text[: formulas.start()]))
    return len(words) >= 3 and any(c.isdigit() or c in "\\=$" for c in text)


def _prose_words(text: str) -> list[str]:
    """Words that do not merely join or measure values."""
    if "\\" in text:
        text = _ENVIRONMENT.sub(" ", latex.unwrap_commands(text))
    return [word for word in _WORD.findall(text) if word.lower() not in _JOINING]


def last_number(text: str) -> str | None:
    """The last plain number of a text that announces no answer, or its only one; None without any."""
    if len(text) > 2000:
        return None
    found = [match.group() for match in _PLAIN_NUMBER.finditer(text)]
    if not found or not (is_prose(text) or (len(found) == 1 and _WORD.search(text))):
        return None
    return found[-1]


def _unclosed_box(text: str) -> str:
    r"""``\boxed{28 percentage}$``: what follows the last box that never closes, on its line."""
    at = max(text.rfind("boxed{"), text.rfind("fbox{"))
    rest = text[text.index("{", at) + 1 :].split("\n", 1)[0].strip() if at >= 0 else ""
    return rest.rstrip("$").strip() if rest and len(rest) <= MAX_BARE_CHARS else text


def words_of(text: str) -> str:
    """The words of a text in lower case, without LaTeX, articles and punctuation."""
    return _words(text)


def same_prose(left: str, right: str) -> bool:
    """Texts that differ in case, articles, punctuation and spaces only; signs of mathematics count."""
    if _SIGNS.search(left) or _SIGNS.search(right):
        first, second = ("".join(text.split()).strip("$.") for text in (left, right))
        return bool(first) and first == second
    first, second = (_words(text) for text in (left, right))
    return bool(first) and first == second


def _words(text: str) -> str:
    text = prose(latex.unwrap_commands(text).replace("$", " "))
    return " ".join(_PUNCTUATION.sub(" ", text).split())
