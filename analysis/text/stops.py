"""Whether a stop (. ! ? … and their kin of other scripts) ends a sentence."""

from __future__ import annotations

import re

from analysis.text import abbreviations as words

LATIN = ".!?…．"
"""Stops that need white space after them."""
OPEN = "。｡！？；।॥؟۔။។"
"""Stops that end a sentence whatever follows."""
CLOSERS = r"[\"'”’»)\]}*_]*+(?:\[\^?\d{1,3}\])?+(?:[“‘](?=\s))?+"
"""What may stand between a stop and the white space, and belongs to the sentence."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7a3\uff21-\uff3a\uff41-\uff5a"
_IS_CJK = re.compile(rf"[{_CJK}]")
_SPACE = re.compile(r"\s*+")
_NEVER_STARTS = frozenset(",;:)]}=≤≥≈≠×÷^&%，、；：）】》」』")
_OPERATORS = frozenset("+-−–—/=×·÷<>≤≥≈≠^|&,;:)]}*%→⇒")
_QUOTES = frozenset("\"'”’»)]")
_PARTICLES = frozenset("とっはがをにのでもやへ、，,なんかだじゃらよねわ")
_BRACKETS = frozenset("([$\\#§{")
_STRIP = "([{\"'“‘«*_`¿¡<>-–—/~$"

_NUMBER_LABEL = r"(\d{1,3})(?:\.\d{1,3})*+"
_LETTER_LABEL = r"([A-Za-z])|[ivx]{1,5}|[IVX]{1,5}"
_LABEL = re.compile(
    r"[\s>#*_\-–•+(\[\"“]*+"
    rf"(?:{_NUMBER_LABEL}|{_LETTER_LABEL}"
    rf"|(?i:{words.LABEL_WORDS})\s(?:{_NUMBER_LABEL}|([A-Za-z])|[ivx]{{1,5}}|[IVX]{{1,5}}))[)\]\\]?"
)
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)++[^\W\d_]{1,2}")
_CAPITALISED = re.compile(r"[^\W\d_][^\W\d_A-Z'’]*+(?:['’][a-z]+)?")
_GLUED = re.compile(
    r"(?:The|So|But|Wait|Then|Therefore|Now|However|Let|And|This|Thus|Hence|Okay|Since|If|We|It"
    r"|Alternatively|I)(?:['’]\w+)?[\s,]"
)
_FACTORIAL = re.compile(r"\d{1,4}!")
_ITEM_LABEL = re.compile(r"\d{1,3}[.)]\s")
_LABEL_REACH = 40
_LOOK_BACK = 24


class Context:
    """What the rules must know of the sentence that is open."""

    __slots__ = ("abbreviation", "label", "line_start", "start", "text", "wrapped")

    def __init__(self, text: str) -> None:
        self.text = text
        self.start = 0
        self.line_start = True
        """Whether the open sentence begins a line."""
        self.label: int | str = 0
        """The list label that was met last in this line: a number or a letter."""
        self.wrapped = False
        """Whether the paragraph is prose wrapped by hand, seen so far."""
        self.abbreviation = -1
        """Where the last stop ends that belongs to an abbreviation."""

    def begin(self, start: int) -> None:
        """Open the next sentence at ``start``."""
        text = self.text
        at = start - 1
        if text[at] == " " and not text[at - 1].isspace():  # what most sentences end with
            self.start, self.line_start = start, False
            return
        breaks = 0
        while at >= self.start and text[at].isspace():
            if not text.startswith("\r\n", at):
                breaks += text[at] in "\n\r\u2028\u2029\x0b\x0c\x85"
            at -= 1
        self.start = start
        self.line_start = breaks > 0
        if breaks:
            self.label = 0
        if breaks > 1:
            self.wrapped = False


def after_space(text: str, position: int) -> int:
    """The position after the white space at ``position``."""
    found = _SPACE.match(text, position)
    return found.end() if found else position


def formula_ends(text: str, end: int) -> int:
    """Where a sentence ends whose stop stands inside a formula (``$x = 5.$ Then``), or -1."""
    at = end - (1 if text[end - 2] not in "$\\" else 2) - 1
    while at > 0 and text[at] in " \n":
        at -= 1
    if text[at] not in ".?!。" or text[at - 1] == ".":
        return -1
    start = after_space(text, end)
    if start == end or start >= len(text) or "\n" in text[end:start]:
        return -1
    return start if text[start].isupper() or _IS_CJK.match(text, start) else -1


def open_stop_end(context: Context, first: int, stops_end: int, closers_end: int, end: int) -> int:
    """Where the sentence ends at a stop that needs no white space; -1 where it goes on."""
    text = context.text
    closed = closers_end > stops_end and text[closers_end - 1] not in OPEN
    if end >= len(text):
        return end
    if end > closers_end:
        return end
    mark = text[end]
    if mark in "\"'*_":
        run = 2 if text.startswith(mark * 2, end) else 1
        # An odd number so far: this one closes what was opened in this sentence.
        if text.count(mark * run, max(context.start, first - 2000), first) % 2:
            end = after_space(text, end + run)
            closed = True
            if end >= len(text):
                return end
            mark = text[end]
    if mark in _NEVER_STARTS:
        return -1
    return -1 if closed and mark in _PARTICLES else end


def latin_stop_ends(
    context: Context, first: int, stops_end: int, closers_end: int, end: int
) -> bool:
    """Whether ``text[first:stops_end]``, with white space after its closers, ends a sentence."""
    text = context.text
    following = text[end]
    if following in _NEVER_STARTS or text.startswith("| ", end):
        return False
    last = text[stops_end - 1]
    if stops_end - first > 1 or last == "…":
        if last in "!?":
            return not (last == "!" and _is_factorial(context, first, end))
        if following.islower() or following.isdigit():
            return False
        if following.isalpha() and not following.isupper() and text[first - 1].isdigit():
            return False
        return following not in _OPERATORS or text.startswith("**", end)
    if closers_end > stops_end and following.islower() and text[stops_end] in _QUOTES:
        return False
    if last == "!":
        return not _is_factorial(context, first, end)
    if last == "?":
        before = text[first - 1] if first > context.start else " "
        return not ((before.isspace() or before in _OPERATORS) and _goes_on(following))
    ends = _full_stop_ends(context, first, end)
    if not ends:
        context.abbreviation = closers_end
    return ends


def glued_stop_ends(context: Context, first: int, stops_end: int, end: int) -> bool:
    """Whether a stop that no white space follows ends a sentence: ``=5.所以``, ``right?So``."""
    text = context.text
    following = text[end]
    last = text[stops_end - 1]
    if _IS_CJK.match(following):
        if last in "!?…":
            return True
        return stops_end - first == 1 and not _is_label(context, first, end)
    before = text[first - 1] if first > context.start else " "
    if stops_end != end or not following.isupper() or not (before.islower() or before == ")"):
        return False
    if last in "!?":
        return text[end + 1 : end + 2].islower() or text.startswith("I ", end)
    return text[first - 2 : first].islower() and _GLUED.match(text, end) is not None


def _goes_on(following: str) -> bool:
    return following.islower() or following in _OPERATORS


def _is_factorial(context: Context, first: int, end: int) -> bool:
    """Whether the mark at ``first`` belongs to a product such as 4! 3! or to n! / k!"""
    text = context.text
    if not (_goes_on(text[end]) or _FACTORIAL.match(text, end)):
        return False
    before = text[first - 1] if first > context.start else " "
    if before.isalpha():
        return first - 2 < context.start or not text[first - 2].isalpha()
    return before.isdigit() or before == ")"


def _full_stop_ends(context: Context, first: int, end: int) -> bool:
    """Whether one full stop at ``first`` ends a sentence; the next one would begin at ``end``."""
    text = context.text
    following = text[end]
    if first <= context.start or text[first - 1].isspace():
        return not (following.islower() or following.isdigit())
    if first - context.start <= _LABEL_REACH and _is_label(context, first, end):
        return False
    back = max(context.start, first - _LOOK_BACK)
    space = text.rfind(" ", back, first)
    if space >= 0:  # Most full stops stand behind a plain word.
        word = text[space + 1 : first]
        if word.isalpha() and word.islower() and len(word) > 1 and word not in words.ABBREVIATED:
            return True
    parts = text[back:first].split()
    token = parts[-1].lstrip(_STRIP)
    if not token:
        return True
    last = token[-1]
    if last.isdigit():
        if token == "1" and parts[-2:-1] and parts[-2][-1] == ":" and _follows(text, end, "2"):
            context.label = 1
            return False
        return not (following.isupper() and _next_word(text, end) in words.MONTHS)
    if not last.isalpha():
        return True
    if len(token) == 1:
        return _letter_ends(text, token, parts, end)
    if len(token) > 7:
        return True
    return _word_ends(text, token, parts, end)


def _word_ends(text: str, token: str, parts: list[str], end: int) -> bool:
    """Whether the stop after the word ``token`` is more than the mark of an abbreviation."""
    following = text[end]
    low = token.lower()
    if token in words.TITLES or (low in words.NEVER_ENDS and not token.isupper()):
        return token == "Vs"  # "two Vs." are voltages or variables
    if low in words.BEFORE_NUMBER and (following.isdigit() or following in _BRACKETS):
        # "No. 4 is even" and "so no. 4" answer a question, "see No. 4" cites.
        return low == "no" and (len(parts) == 1 or token == "no")
    if low in words.UNITS and following.isdigit():
        # "2 min. 3) Then", but "min. 3"
        return len(parts) > 1 and parts[-2][-1].isdigit()
    if low in words.UNITS or low in words.MAY_END:
        if low == "etc" and following.isdigit():
            return True
        goes_on = following.islower() or following.isdigit() or following in _BRACKETS
        return not goes_on or _ITEM_LABEL.match(text, end) is not None
    if _DOTTED.fullmatch(token):
        return following.isupper() and _next_word(text, end) in words.STARTERS
    return True


def _letter_ends(text: str, letter: str, parts: list[str], end: int) -> bool:
    """Whether the stop after a single letter ends a sentence: point A. Then; J. Smith; e. g."""
    following = text[end]
    before = parts[-2] if len(parts) > 1 and parts[-1][-1:] == letter else ""
    if letter + following in words.SPACED and text.startswith(".", end + 1):
        return False
    if len(before) == 2 and before[1] == "." and before[0] + letter in words.SPACED:
        return following.isupper() and before[0] + letter in words.SPACED_MAY_END
    if letter == "p" and following.isdigit():
        return False
    if letter.isupper() and following.islower():
        return len(parts) > 1 and _next_word(text, end) not in words.EPITHETS
    if before in words.BEFORE_CHOICE and (following.isdigit() or following in "$\\"):
        return False
    if not letter.isupper() or not following.isupper():
        return True
    if text.startswith(".", end + 1) and (before == "by" or before[:1].isupper() or not before):
        return False
    if _next_word(text, end) in words.STARTERS or not text[end + 1 : end + 3].islower():
        return True
    if not before or before == "by" or (len(before) == 2 and before[1] == "."):
        return False
    return before.lstrip(_STRIP).lower() not in words.GIVEN_NAMES


def _next_word(text: str, start: int) -> str:
    found = _CAPITALISED.match(text, start)
    return found[0].lower().replace("’", "'") if found else ""


def _is_label(context: Context, first: int, end: int) -> bool:
    """Whether all of the open sentence up to the stop is a list label, and notes it."""
    text = context.text
    found = _LABEL.fullmatch(text, context.start, first)
    if found is None:
        return False
    number, letter = found[1] or found[3], found[2] or found[4]
    if context.line_start:
        context.label = int(number) if number else (letter or 0)
        return True
    if found[3] or found[4]:
        return bool(found[3])  # "Case 2. x is odd", but "Option A. Because" may answer
    # Within a line "17. So" may be an answer: only a series makes it a label.
    if number and int(number) == 1:
        series = _follows(text, end, "2")
    elif number:
        series = context.label == int(number) - 1
    elif letter and letter in "Aa":
        series = _follows(text, end, chr(ord(letter) + 1))
    else:
        series = letter is not None and context.label == chr(ord(letter) - 1)
    if series:
        context.label = int(number) if number else letter
    return series


def _follows(text: str, start: int, label: str) -> bool:
    """Whether the next label of a series comes soon, in the same line."""
    line = text.find("\n", start, start + 400)
    found = text.find(f" {label}. ", start, line if line >= 0 else start + 400)
    return found > 0 and text[found - 1] in ".,;)!?"
