"""The words that announce an answer, and where they stand in a text.

Scanning is by rare literals first (``str.find``), and a pattern is tried only around a hit: a trace
has megabytes of text and a handful of answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ENGLISH_NOUN = re.compile(r"(?:(?<![A-Za-z])[Aa]nswers?|ANSWER)(?![\w-])")
_LATIN_NOUNS = ("ntwort", "ösung", "éponse", "espuesta", "esposta", "isposta")
_LATIN_NOUN = re.compile(
    r"Antwort(?!\w)|Lösung(?!\w)|[Rr]éponse(?!\w)|[Rr]espuesta(?!\w)|[Rr]esposta(?!\w)|[Rr]isposta(?!\w)"
)
_OTHER_NOUNS = ("答", "正解", "답", "твет")
_OTHER_NOUN = re.compile(
    r"答案|答え|正解|解答|答(?=[：:])|답(?=은|:)|Ответ(?:ом|а)?(?!\w)|ответ(?:ом|а)?(?!\w)"
)


def nouns(text: str) -> Iterator[tuple[int, int]]:
    """Where the word "answer" stands, in a dozen languages: (start, end), by language."""
    for at in occurrences(text, "nswer"):
        match = _ENGLISH_NOUN.match(text, at - 1) if at else None
        if match:
            yield match.span()
    if "ANSWER" in text:
        for at in occurrences(text, "ANSWER"):
            yield at, at + len("ANSWER")
    if any(noun in text for noun in _LATIN_NOUNS):
        for match in _LATIN_NOUN.finditer(text):
            yield match.span()
    if not text.isascii() and any(noun in text for noun in _OTHER_NOUNS):
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
    r"|\s*(?:应该|应当|应|可能|确实|就|也|还|仍|仍然|应该就)*(?:是|为|即|等于|选)|は|が|은|(?=\s+(?:\$|\\\(|\\\[|[-(]?\d)))"
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
_CONDITION_WIDE = re.compile(
    rf"(?:\b(?:{'|'.join(sorted(_CONDITIONS))})|如果|假设|若|是否)\b[^.,;:\n。，]{{0,25}}$",
    re.IGNORECASE,
)
_CONDITION_CHARS, _CONDITION_GAP = 45, 25
_MARKS_ALIKE = str.maketrans(",;:\n", "....")
_ASCII_WORD = re.compile(r"\w+")


def not_stated(text: str, start: int) -> bool:
    """Whether what stands shortly before a noun makes it no statement: a condition, a question."""
    low = max(0, start - _CONDITION_CHARS)
    window = text[low:start]
    if not window.isascii():
        return _CONDITION_WIDE.search(text, low, start) is not None
    # The same in ASCII, without a pattern that tries forty words at every one.
    clause = window.removesuffix("\n").lower().translate(_MARKS_ALIKE).rpartition(".")[2]
    nearest = len(clause) - _CONDITION_GAP
    return any(
        word.group() in _CONDITIONS and word.end() >= nearest
        for word in _ASCII_WORD.finditer(clause)
    )


IF_BEFORE = re.compile(
    r"\b(?:if|whether|suppose|unless|is|why|how|says?)\b[^.,;:\n]{0,15}$", re.IGNORECASE
)
_CHOICE_NOUNS = ("ption", "hoice", "PTION", "HOICE", "选", "選択肢")
_CHOICE_IS = re.compile(
    r"[ptionhceOPTINHCE选项択肢選]{2,6}\s*\(?([A-J])\)?[)*\s]*(?:is|seems|looks|appears|must be|would be|是|が)"
    r"\s*(?:\w+\s+){0,3}?(?:correct|right|best|true|answer|正确|正しい|正解)"
)
_CHOICE_NAMED = re.compile(
    r"[ptionhce]{5}\s*(?:is|:|would be|must be|should be)\s*[\"“*]*(?:option |choice )?\(?([A-J])(?![\w'’])"
)
_PRAISE_BEFORE = re.compile(
    r"(?:correct|right|best|only|matching|intended|likely|valid|accurate|remaining|suitable|appropriate)"
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
    for noun in _CHOICE_NOUNS:
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
    for at in occurrences(text, " is the "):
        match = _LETTER_WINS.match(text, max(0, at - 1)) or _LETTER_WINS.match(text, max(0, at - 2))
        before = text[match.start() - 1] if match and match.start() else " "
        if match and not before.isalnum() and before not in "'’-":
            yield match
    for at in occurrences(text, "onclusion"):
        match = _CONCLUSION_IS.match(text, at)
        if match:
            yield match
    for word in (" with ", " on ", "\nwith ", "\non "):
        for at in occurrences(text, word):
            end = at + len(word)
            if text[end : end + 1] in _TAKEN_FIRST and _TAKING.search(text, max(0, at - 8), at):
                match = _TAKEN.match(text, at + 1)
                if match:
                    yield match


CHOICE_PRAISED = re.compile(
    r"([A-J])(?<![\w'’-][A-J])\)? (?:is|seems|looks|appears|must be|would be|remains) (?:\w+ ){0,2}?(?:correct|right|true|best|likely"
    r"|accurate|consistent|plausible|answer|choice|option|match|matches)\b"
)
CHOICE_LAST = re.compile(
    r"(?:[Oo]ption|[Cc]hoice|[Aa]nswer|is|to|:|=|→|so|So|Thus|Therefore|,)\s+[\"“*(]*([A-J])[\"”*)]*\Z"
)
"""How a sentence points at a choice without calling it the answer."""
CONCLUDES = re.compile(
    r"\s*(?:(?:[Oo]kay|[Oo]k|[Aa]lright|[Aa]nd|[Ww]ell|[Yy]es|[Yy]eah|[Gg]ood|[Ff]inally|[Nn]ow)[,.]?\s+)?(?:"
    r"[Ss]o\b|[Tt]hus\b|[Tt]herefore\b|[Hh]ence\b|[Cc]onsequently\b|[Aa]ccordingly\b|[Ii]n total\b|[Tt]otal\b|[Tt]hen\b"
    r"|[Tt]hat (?:gives|means|makes|is)\b|[Tt]his (?:gives|means|makes)\b|[Ww]hich (?:gives|means|makes|is)\b"
    r"|[Gg]iving\b|[Ww]e (?:get|have|obtain|find)\b|[Ii]t follows\b"
    r"|所以|因此|因而|故|于是|从而|那么|总共|一共|则|よって|したがって|従って|ゆえに|だから|Also\b|Daher\b|Donc\b|Por (?:lo )?tanto\b"
    r"|Entonces\b|Portanto\b|Quindi\b|Значит\b|Следовательно\b|Итак\b|따라서)"
)
"""How a concluding sentence opens."""
LINK = re.compile(
    r"[abeghimoswрб为是等得有はが](?:"
    r"(?<![A-Za-z].)(?:(?<=i)st?|(?<=a)re|(?<=w)as|(?<=b)e(?:comes)?|(?<=e)(?:quals?|s|st)|(?<=g)(?:ives?|iving|et)|(?<=m)akes?"
    r"|(?<=o)btain|(?<=h)ave|(?<=s)(?:ind|on)|(?<=р)авно|(?<=б)удет)\s+"
    r"(?:(?:also|then|just|simply|indeed|exactly|approximately|about|equal to|again)\s+){0,2}"
    r"|(?<=得)到\s*|(?<=等)于\s*|(?<=[为是得有はが])\s*)"
)
"""What links a subject to the value that ends the sentence, other than ``=``. The first letters come
first: a scan for them is far faster than one for whole words."""
VALUE_START = re.compile(r"[-+−]?\s?[$€£¥]?\d|[-+−]?(?:\\[a-zA-Z(]|√|π|∞)|\$|[(\[]\s?-?[\d\\]")
SUPPOSES = re.compile(
    r"[\W_]*(?:if|whether|suppose|supposing|assume|assuming|what if|is|are|does|如果|假设|若)\b",
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
