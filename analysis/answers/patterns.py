"""The words that announce an answer, and where they stand in a text.

Scanning is by rare literals first (``str.find``), and a pattern is tried only around a hit: a trace
has megabytes of text and a handful of answers. Most of the literals a text does not have at all; which
it has is told by one scan for all of them (``seen``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from analysis.text.presence import Presence, escape

_ENGLISH_NOUN = re.compile(r"(?:(?<![A-Za-z])[Aa]nswers?|ANSWER)(?![\w-])")
_LATIN_NOUNS = ("ntwort", "ösung", "éponse", "espuesta", "sposta")
_LATIN_NOUN = re.compile(
    r"Antwort(?!\w)|Lösung(?!\w)|[Rr]éponse(?!\w)|[Rr]espuesta(?!\w)|[Rr]esposta(?!\w)|[Rr]isposta(?!\w)"
)
_OTHER_NOUNS = ("答", "正解", "답", "твет")
_OTHER_NOUN = re.compile(
    r"答案|答え|正解|解答|答(?=[：:】])|답(?=은|:)|Ответ(?:ом|а)?(?!\w)|ответ(?:ом|а)?(?!\w)"
)


_CHOICE_NOUNS = ("ption", "hoice", "PTION", "HOICE", "选", "選択肢")
_NOUN_LETTERS = "ptionhceOPTINHCE选项択肢選"
_BOXES = (r"\box", r"\fbox", "\x08oxed")
_SPACE = (
    r"[\s\v\x1c-\x1f\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]*"
)
"""White space as Python knows it, in RE2's syntax."""
_LETTER_FOLLOWS = (
    rf"(?:[{_NOUN_LETTERS}]?{_SPACE}|{_SPACE}(?:is|:|would be|must be|should be){_SPACE}"
    r"[\"“*]*(?:option |choice )?)\(?[A-J]"
)
_LITERALS = {
    "box": _BOXES,
    "answer": ("nswer",),
    "ANSWER": ("ANSWER",),
    "latin": _LATIN_NOUNS,
    "other": _OTHER_NOUNS,
    "conclusion": ("onclusion",),
    **{noun: (noun,) for noun in _CHOICE_NOUNS[2:]},
}
_PATTERNS = {
    **{noun: noun + _LETTER_FOLLOWS for noun in _CHOICE_NOUNS[:2]},
    "wins": r"[A-J]\)? is the ",
    "taken": r"[oegk]\n?[ \n](?:with|on) [A-J(oc]",
    "praised": r"[A-J]\)? (?:is|seems|looks|appears|must be|would be|remains) (?:[^ ]+ ){0,2}"
    r"(?:correct|right|true|best|likely|accurate|consistent|plausible|answer|choice|option|match)",
}
"""What a text must have for the patterns below to be found in it, by name."""


@cache
def _marks() -> tuple[Presence, list[str]]:
    named = [(name, escape(literal)) for name, few in _LITERALS.items() for literal in few]
    named += _PATTERNS.items()
    return Presence([pattern for _, pattern in named]), [name for name, _ in named]


@lru_cache(maxsize=2)
def seen(text: str) -> frozenset[str]:
    """The names of ``_LITERALS`` and ``_PATTERNS`` of which the text has one."""
    presence, names = _marks()
    return frozenset([names[index] for index in presence.found(text)])


def nouns(text: str) -> Iterator[tuple[int, int]]:
    """Where the word "answer" stands, in a dozen languages: (start, end), by language."""
    marks = seen(text)
    if "answer" in marks:
        for at in occurrences(text, "nswer"):
            match = _ENGLISH_NOUN.match(text, at - 1) if at else None
            if match:
                yield match.span()
    if "ANSWER" in marks:
        for at in occurrences(text, "ANSWER"):
            yield at, at + len("ANSWER")
    if "latin" in marks:
        for match in _LATIN_NOUN.finditer(text):
            yield match.span()
    if "other" in marks:
        for match in _OTHER_NOUN.finditer(text):
            yield match.span()


def occurrences(text: str, literal: str) -> Iterator[int]:
    """Every place of ``literal``, not overlapping."""
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + len(literal))


_ADVERB = (
    r"(?:\s+(?:therefore|thus|hence|then|also|again|still|just|simply|only|indeed|actually|definitely|probably|likely"
    r"|most likely|almost certainly|clearly|exactly|approximately|about|around|roughly|equal to|given by|option|choice|now|really|surely"
    r"|maybe|perhaps|certainly|always|in fact|of course)\b,?)*"
)
ANSWER_LINK = re.compile(
    r"(?:\s+(?:to|for|of|in|here)\b[^.:=\n]{0,60}?)?"
    r"(?:\s*[*_\"”)]{0,3}\s*(?::|：|=|＝|→|->|—|–|-(?=\s))|\s+(?:is|was|would be|will be|should be|must be|might be|could be|may be"
    r"|has to be|ought to be|becomes|equals|comes out to be|comes out to|turns out to be|remains|seems to be|appears to be"
    r"|ist|lautet|wäre|est|serait|es|sería|é|seria|è|sarebbe|равен|равна|равно|будет|это)(?!\w)"
    r"|】\s*[:：]?|\s*(?:应该|应当|应|可能|确实|就|也|还|仍|仍然|应该就)*(?:是|为|即|等于|选)|は|が|은|(?=\s+(?:\$|\\\(|\\\[|[-(]?\d)))"
    rf"{_ADVERB}"
)
"""What links the noun to the value, right behind the noun."""
_CONDITIONS = frozenset(
    [
        "if",
        "whether",
        "suppose",
        "assuming",
        "unless",
        "where",
        "what",
        "how",
        "say",
        "says",
        "said",
        "state",
        "states",
        "stated",
        "why",
        "could",
        "can",
        "would",
        "is",
        "was",
        "their",
        "wrong",
        "incorrect",
        "different",
        "another",
        "possible",
        "previous",
        "provide",
        "give",
        "please",
        "following",
        "no",
        "any",
        "box",
        "put",
        "your",
    ]
)
_CONDITIONS_ZH = ("如果", "假设", "若", "是否")
_CONDITION_CHARS, _CONDITION_GAP = 45, 25
_CLAUSE_MARKS = ".,;:\n。，"
_WORD = re.compile(r"\w+")


def not_stated(text: str, start: int) -> bool:
    """Whether what stands shortly before a noun makes it no statement: a condition, a question."""
    clause = text[max(0, start - _CONDITION_CHARS) : start].removesuffix("\n")
    for mark in _CLAUSE_MARKS:
        clause = clause.rpartition(mark)[2]
    clause = clause.rpartition(" and ")[2]
    if clause.isascii() and _CONDITIONS.isdisjoint(_WORD.findall(clause.lower())):
        return False
    nearest = len(clause) - _CONDITION_GAP
    return any(
        (word.group().lower() in _CONDITIONS or word.group().endswith(_CONDITIONS_ZH))
        and word.end() >= nearest
        for word in _WORD.finditer(clause)
    )


IF_BEFORE = re.compile(
    r"\b(?:if|whether|suppose|unless|is|why|how|says?)\b[^.,;:\n]{0,15}$", re.IGNORECASE
)
_CHOICE_IS = re.compile(
    rf"[{_NOUN_LETTERS}]{{2,6}}\s*\(?([A-J])\)?[)*\s]*(?:is|seems|looks|appears|must be|would be|是|が)"
    r"\s*(?:\w+\s+){0,3}?(?:correct|right|best|true|answer|正确|正しい|正解)"
)
_CHOICE_NAMED = re.compile(
    r"[ptionhce]{5}\s*(?:is|:|would be|must be|should be)\s*[\"“*]*(?:option |choice )?\(?([A-J])(?![\w'’])"
)
_PRAISE_BEFORE = re.compile(
    r"(?:[Cc]orrect|[Rr]ight|[Bb]est|[Oo]nly|matching|intended|likely|valid|accurate|remaining|suitable|appropriate)"
    r"\s+(?:\w+\s+){0,2}?[oOcC]$"
)
_TAKEN_BEFORE = re.compile(r"\b[Ii] (?:choose|chose|select|pick) [oOcC]$")
_CHOICE_AFTER = re.compile(r"[ptionhce]{5}\s*\(?([A-J])\)?(?![\w'’])")
_CHOICE_TAKEN_ZH = re.compile(r"选(?:项|择)?\s*[:：]?\s*([A-J])(?![A-Za-z])")
_TAKEN_BEFORE_ZH = re.compile(r"(?:故|应|所以|因此|就|我|应该|只能|答案)$")
_LETTER_WINS = re.compile(
    r"([A-J])\)? is (?:(?:definitely|clearly|likely|indeed|still|probably|the|most|best|correct|right|intended"
    r"|only|expected|standard|plausible|possible) ){1,5}(?:answer|choice|option)\b"
)
_CONCLUSION_IS = re.compile(
    r"onclusion[^.\n]{0,30}?(?:is|:|be)\s*[\"“*]*(?:[Oo]ption |[Cc]hoice )?\(?([A-J])(?=[.)*\"”\s])"
)
_TAKEN = re.compile(r"(?:with|on) (?:option |choice )?\(?([A-J])\)?(?=[.,;)\s]|$)")
_TAKEN_FIRST = frozenset("ABCDEFGHIJ(oc")
_TAKING = re.compile(r"(?:[Gg]o|[Gg]oing|[Ss]tick|[Ss]ticking|[Ss]ettle|[Ss]ettling)$")


def choices(text: str) -> Iterator[re.Match[str]]:
    """Where a choice is taken ("option C is correct", "go with B", 故选C); group 1 is its letter."""
    marks = seen(text)
    for noun in marks.intersection(_CHOICE_NOUNS):
        for at in occurrences(text, noun):
            match = _CHOICE_IS.match(text, at)
            if not match and _PRAISE_BEFORE.search(text, max(0, at - 40), at):
                match = _CHOICE_NAMED.match(text, at)
            if not match and _TAKEN_BEFORE.search(text, max(0, at - 12), at):
                match = _CHOICE_AFTER.match(text, at)
            if not match and noun == "选" and _TAKEN_BEFORE_ZH.search(text, max(0, at - 4), at):
                match = _CHOICE_TAKEN_ZH.match(text, at)
            if match:
                yield match
    for at in occurrences(text, " is the ") if "wins" in marks else ():
        match = _LETTER_WINS.match(text, max(0, at - 1)) or _LETTER_WINS.match(text, max(0, at - 2))
        before = text[match.start() - 1] if match and match.start() else " "
        if match and not before.isalnum() and before not in "'’-":
            yield match
    for at in occurrences(text, "onclusion") if "conclusion" in marks else ():
        match = _CONCLUSION_IS.match(text, at)
        if match:
            yield match
    for word in (" with ", " on ", "\nwith ", "\non ") if "taken" in marks else ():
        for at in occurrences(text, word):
            end = at + len(word)
            if text[end : end + 1] in _TAKEN_FIRST and _TAKING.search(text, max(0, at - 8), at):
                match = _TAKEN.match(text, at + 1)
                if match:
                    yield match


def praised(text: str) -> Iterator[re.Match[str]]:
    """Where a choice is spoken well of ("B seems right"); group 1 is its letter."""
    return CHOICE_PRAISED.finditer(text) if "praised" in seen(text) else iter(())


CHOICE_PRAISED = re.compile(
    r"([A-J])(?<![\w'’-][A-J])\)? (?:is|seems|looks|appears|must be|would be|remains) (?:\w+ ){0,2}?(?:correct|right|true|best|likely"
    r"|accurate|consistent|plausible|answer|choice|option|match|matches)\b"
)
CHOICE_LAST = re.compile(
    r"(?:[Oo]ption|[Cc]hoice|[Aa]nswer|is|(?:it|It|[Tt]hat|[Tt]his)['’]s|to|:|=|→|so|So|Thus|Therefore|,)\s+[\"“*(]*([A-J])[\"”*)]*\Z"
)
"""How a sentence points at a choice without calling it the answer."""
CONCLUDES = re.compile(
    r"\s*(?=[AaCcDEFfGgHhINnOoPQSTtWwYiysЗСИ所因故于从従那总一则よしたゆだ따])(?:(?:[Oo]kay|[Oo]k|[Aa]lright|[Aa]nd|[Ww]ell|[Yy]es|[Yy]eah|[Gg]ood|[Ff]inally|[Nn]ow)[,.]?\s+)?(?:"
    r"[Ss]o\b|[Tt]hus\b|[Tt]herefore\b|[Hh]ence\b|[Cc]onsequently\b|[Aa]ccordingly\b|[Ii]n total\b|[Tt]otal\b|[Tt]hen\b"
    r"|[Tt]hat (?:gives|means|makes|is|corresponds|matches)\b|[Tt]hat['’]s\b|[Tt]his (?:gives|means|makes|is|corresponds|matches)\b|[Ww]hich (?:gives|means|makes|is)\b"
    r"|[Gg]iving\b|[Ww]e (?:get|have|obtain|find)\b|[Ii]t follows\b"
    r"|所以|因此|因而|故|于是|从而|那么|总共|一共|则|よって|したがって|従って|ゆえに|だから|Also\b|Daher\b|Donc\b|Por (?:lo )?tanto\b"
    r"|Entonces\b|Portanto\b|Quindi\b|Значит\b|Следовательно\b|Итак\b|따라서)"
)
"""How a concluding sentence opens."""
CONCLUDES_WITHIN = re.compile(
    r"[,;:，；：wtc对](?:"
    r"(?<=[,;:，；：])(?:\s+(?:and\s+)?(?:so|thus|therefore|hence|giving|which gives|which means|we get|that[’']s|meaning)\b|\s*(?:所以|因此|故|于是|从而|则))"
    r"|(?<!\w.)(?:(?<=w)hich|(?<=t)hat) (?:is|corresponds to|matches) (?:option|choice)\b"
    r"|(?<!\w.)(?<=c)orresponding to\b|(?<=对)应)"
)
"""How the last clause of a sentence concludes."""
LINK = re.compile(
    r"[abeghimoswрб为是等得有はが](?:"
    r"(?<![A-Za-z].)(?:(?<=i)st?|(?<=a)(?:re|t)|(?<=w)as|(?<=b)e(?:comes)?|(?<=e)(?:quals?|s|st)|(?<=g)(?:ives?|iving|et)|(?<=m)akes?"
    r"|(?<=o)btain|(?<=h)ave|(?<=s)(?:ind|on)|(?<=р)авно|(?<=б)удет)\s+"
    r"(?:(?:also|then|just|simply|indeed|exactly|approximately|about|equal to|again)\s+){0,2}"
    r"|(?<=得)到\s*|(?<=等)于\s*|(?<=[为是得有はが])\s*)"
)
"""What links a subject to the value that ends the sentence, other than ``=``. The first letters come
first: a scan for them is far faster than one for whole words."""
VALUE_START = re.compile(
    r"[-+−]?\s?[$€£¥]?\d|[-+−]?(?:\\[a-zA-Z({]|√|π|∞|sqrt\(|\{\s?-?\d)|\$|[(\[]\s?-?[\d\\]"
)
SUPPOSES = re.compile(
    r"[\W_]*(?=[iwsad如假若])(?:if|whether|suppose|supposing|assume|assuming|what if|is|are|does|如果|假设|若)\b",
    re.IGNORECASE,
)
"""How a sentence opens that states nothing."""
_DEFINITE = re.compile(
    r"[TtSsIi](?<![^\s*(][TtSsIi])(?:(?<=[Tt])(?:he|otal)|(?<=[Ss])um|(?<=[Ii])ts)\b"
)


def definite(text: str, start: int, end: int) -> bool:
    """Whether something definite is spoken of: "the remainder is 16"."""
    return _DEFINITE.search(text, start + 1 if start else 0, end) is not None


HEADING = re.compile(
    r"(?:^|\n)[#*_\s]*(?:[Ff]inal|FINAL)\s+(?:[Aa]nswer|ANSWER)[*_\s:：]*(?=\n|\S)"
)
HASHES = re.compile(r"(?:^|\n)####\s*([^\n]{1,80})")
