"""Answers of a closed form: a choice, yes or no, "undefined", a time, a date, a number in words."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction


def _words(text: str) -> list[str]:
    return text.split()


_CHOICE = re.compile(
    r"(?:(?:option|choice|answer|选项?|選択肢)\s*[:：]?\s*)?[(\[{]?\s*([A-J])\s*[)\]}]?[.．。:：、]?(?:\s+is correct)?",
    re.IGNORECASE,
)
_CHOICE_FIRST = re.compile(
    r"(?:(?:[Oo]ption|[Cc]hoice|[Aa]nswer|选项?)\s*:?\s*)?(?:\(\s*([A-J])\s*\)|([A-J])[):：、．])[\s:]*(\S.*)",
    re.DOTALL,
)
_TRUE = frozenset(
    [
        "yes", "true", "correct", "是", "对", "正确", "真", "yep", "y", "t", "はい", "正しい", "能",
        "可以", "会", "✓",
    ]
)  # fmt: skip
_FALSE = frozenset(
    [
        "no", "false", "incorrect", "not true", "untrue", "not correct", "不对", "不正确", "否", "不是", "错", "错误", "假", "n", "f", "nope", "いいえ", "不能",
        "不可以", "不会", "✗",
    ]
)  # fmt: skip
_VERDICT_FIRST = re.compile(
    r"[\"'*\s]*(yes|no|true|false|是|否|不是|对|错|正确|错误)[*\"']*\s*(?:[,.;:!，。；！—–]|-\s)\s*\S.*",
    re.IGNORECASE | re.DOTALL,
)
_SPECIAL = {
    "undefined": "undefined|does not exist|dne|doesn't exist|nonexistent|not defined|无定义|不存在|undefined|diverges to nothing",
    "infinity": "infinity|+infinity|inf|∞|+∞|\\infty|+\\infty|无穷|无穷大|正无穷|infinite|diverges to infinity",
    "-infinity": "-infinity|-∞|-\\infty|负无穷|negative infinity",
    "empty": "empty set|∅|\\emptyset|\\varnothing|\\{\\}|{}|no solution|no solutions|no real solutions|no real solution|none"
    "|no such|no such number exists|no such integers exist|无解|空集|no answer exists|there are no solutions|null set",
    "reals": "\\mathbb{r}|\\r|all real numbers|all reals|real numbers|(-∞,∞)|(-\\infty,\\infty)|(-\\infty,+\\infty)|全体实数|r|ℝ",
    "infinitely many": "infinitely many|infinitely many solutions|无数|无穷多|无数个",
    "cannot be determined": "cannot be determined|can't be determined|not enough information|insufficient information"
    "|indeterminate|cannot determine|impossible to determine|无法确定|不能确定",
    "impossible": "impossible|not possible|不可能",
    "rationals": "\\mathbb{q}|ℚ|all rational numbers|有理数集",
    "integers": "\\mathbb{z}|ℤ|all integers|整数集",
    "naturals": "\\mathbb{n}|ℕ|all natural numbers|自然数集",
    "complex numbers": "\\mathbb{c}|ℂ|all complex numbers|复数集",
    "never": "never",
}
_SPECIALS = {
    form: name for name, forms in _SPECIAL.items() for form in forms.split("|") if form != "r"
}
_TIME = re.compile(
    r"(\d{1,2})\s*[:：]\s*(\d{2})(?:\s*[:：]\s*(\d{2}))?\s*(?:([ap])\.?\s*m\.?|(?:o'?clock|hours|hrs|h))?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(\d{1,2})\s*([ap])\.?\s*m\.?", re.IGNORECASE)
_NAMED_HOURS = {"noon": (12, 0, 0, "pm"), "midday": (12, 0, 0, "pm"), "midnight": (12, 0, 0, "am")}
_MONTHS = {
    name: index
    for index, names in enumerate(
        [
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ],
        1,
    )
    for name in names.split()
}
_DATES = (
    re.compile(r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"),
    re.compile(
        r"(?:\w+day,?\s+)?(?P<n>[A-Za-z]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?P<y>\d{4}))?"
    ),
    re.compile(
        r"(?:\w+day,?\s+)?(?:the\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<n>[A-Za-z]{3,9})\.?(?:,?\s+(?P<y>\d{4}))?"
    ),
    re.compile(r"(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"),
)
_DAYS = {
    day[:length]: day
    for day in ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    for length in (3, 4, 5, len(day))
}
_DAYS |= {f"{w}{d}": name for w in ("星期", "周") for d, name in zip("一二三四五六日", dict.fromkeys(_DAYS.values()), strict=True)}  # fmt: skip
_SMALL_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen"
    " fourteen fifteen sixteen seventeen eighteen nineteen"
)
_SMALL = {word: n for n, word in enumerate(_words(_SMALL_WORDS))}
_ORDINALS_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
)
_ORDINALS = {word: n for n, word in enumerate(_words(_ORDINALS_WORDS), 1)}
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * n for n, word in enumerate(_words(_TENS_WORDS), 2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}  # fmt: skip
_HAN = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_OPTION = re.compile(r"(?:^|[\n\r]|(?<=[\s;,。]))\s*[(（\[]?([A-J])[)）\].:：、．]\s*(?=\S)")


def choice(text: str) -> str | None:
    """The letter of ``(C)``, ``Option C``, ``C.``; lower-case letters only with a bracket."""
    match = _CHOICE.fullmatch(text.strip())
    if not match:
        return None
    letter = match[1]
    return letter if letter.isupper() else letter.upper() if len(text.strip()) > 1 else None


def choice_with_text(text: str) -> tuple[str, str] | None:
    """``C) 42 km`` as ('C', '42 km')."""
    match = _CHOICE_FIRST.fullmatch(text.strip())
    return (match[1] or match[2], match[3].strip()) if match else None


def boolean(text: str) -> bool | None:
    """Yes, true, 是 -> True; no, false, 否 -> False; None for anything else."""
    word = text.strip(" .。!！,，\"'").casefold()
    if len(word) < 2 and word.isascii():
        return None
    return True if word in _TRUE else False if word in _FALSE else None


def boolean_first(text: str) -> bool | None:
    """The verdict that a sentence opens with: "No, it is not prime"."""
    match = _VERDICT_FIRST.fullmatch(text)
    return boolean(match[1]) if match else None


def special(text: str) -> str | None:
    """'undefined', 'infinity', 'empty', 'reals' ...: answers that are no number."""
    word = " ".join(text.strip(" .。!！").casefold().split())
    return _SPECIALS.get(word) or _SPECIALS.get(word.replace(" ", ""))


def time_of_day(text: str) -> tuple[int, int, int, str] | None:
    """(hour, minute, second, 'am' | 'pm' | '') of a clock time."""
    named = _NAMED_HOURS.get(text.strip(" .").casefold())
    if named:
        return named
    text = text.strip().rstrip(".") if not text.strip().lower().endswith("m.") else text.strip()
    match = _TIME.fullmatch(text)
    if match:
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        half = f"{match[4].lower()}m" if match[4] else ""
    else:
        match = _HOUR.fullmatch(text)
        if not match:
            return None
        hour, minute, second, half = int(match[1]), 0, 0, f"{match[2].lower()}m"
    if hour > 24 or minute > 59 or second > 59 or (half and not 1 <= hour <= 12):
        return None
    return hour, minute, second, half


def calendar_date(text: str) -> tuple[int | None, int, int] | None:
    """(year or None, month, day). ``3/4/2024`` is refused: nobody knows which is the month."""
    text = " ".join(text.strip(" .").split())
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if not match:
            continue
        found = match.groupdict()
        month = _MONTHS.get(found["n"].lower(), 0) if found.get("n") else int(found["m"])
        year = int(found["y"]) if found.get("y") else None
        try:
            date(year or 2000, month, int(found["d"]))
        except ValueError:
            continue
        return year, month, int(found["d"])
    return None


def weekday(text: str) -> str | None:
    """'monday' for Monday, Mon., 星期一."""
    return _DAYS.get(text.strip(" .").casefold())


def number_in_words(text: str) -> Fraction | None:
    """``twenty-one``, ``three hundred and five``, ``two thirds``, 十二; None for what is no number."""
    words = re.sub(r"[-,]", " ", text.strip(" .").casefold()).split()
    if not words or len(words) > 12:
        return _han(text.strip()) if text else None
    if len(words) == 1 and not words[0].isascii():
        return _han(words[0])
    negative = words[0] in ("minus", "negative")
    words = [word for word in words[negative:] if word not in ("a", "an", "and")]
    part = words[-1].rstrip("s") if words else ""
    if part in _PARTS and (len(words) == 2 or words[0] in ("half", "quarter")):
        top = _whole(words[:-1]) if len(words) > 1 else 1
        return None if top is None else Fraction(-top if negative else top, _PARTS[part])
    total = _whole(words)
    if total is None and len(words) == 1 and words[0] in _ORDINALS:
        total = _ORDINALS[words[0]]
    return None if total is None else Fraction(-total if negative else total)


def _whole(words: list[str]) -> int | None:
    total = current = 0
    if not words:
        return None
    for word in words:
        if word in _SMALL:
            current += _SMALL[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word == "dozen":
            current = max(1, current) * 12
        elif word in _SCALES:
            scale = _SCALES[word]
            current = max(1, current) * scale
            if scale > 100:
                total, current = total + current, 0
        else:
            return None
    return total + current


_HAN_NUMBER = re.compile(r"负?[零〇一二两三四五六七八九十百千万亿]{1,16}")
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}


def _han(text: str) -> Fraction | None:
    """Chinese numerals: 十二, 一百零五, 三万, 二分之一, 百分之二十五; also with a counter 个 behind."""
    text = text.removesuffix("个")
    below, mark, above = text.partition("分之")
    if mark:
        bottom, top = _han(below), _han(above)
        return top / bottom if top is not None and bottom else None
    if not _HAN_NUMBER.fullmatch(text):
        return None
    negative, digits = text[0] == "负", text.lstrip("负")
    if len(digits) > 1 and not any(char in _HAN_SCALES for char in digits):
        return None
    total = section = digit = 0
    for char in digits:
        if char in _HAN:
            digit = _HAN[char]
        elif (scale := _HAN_SCALES[char]) >= 10**4:
            total, section, digit = (total + section + digit) * scale, 0, 0
        else:
            section, digit = section + (digit or 1) * scale, 0
    total += section + digit
    return Fraction(-total if negative else total)


def options(question: str | None) -> dict[str, str]:
    """The options that a question lists (``A. ...``, ``(B) ...``), by letter; {} when it lists none.

    They count only as a run that starts at A and goes on without a gap.
    """
    if not question:
        return {}
    marks = list(_OPTION.finditer(question[-20_000:]))
    text = question[-20_000:]
    best: list[re.Match[str]] = []
    run: list[re.Match[str]] = []
    for mark in marks:
        if mark[1] == "A":
            run = [mark]
        elif run and ord(mark[1]) == ord(run[-1][1]) + 1:
            run.append(mark)
        if len(run) > len(best) or (len(run) == len(best) and run):
            best = list(run)
    if len(best) < 2:
        return {}
    ends = [mark.start() for mark in best[1:]] + [len(text)]
    found = {}
    for mark, end in zip(best, ends, strict=True):
        body = text[mark.end() : end].strip().strip(",;").strip()
        found[mark[1]] = body.split("\n\n", 1)[0].strip() if mark is best[-1] else body
    return found
