"""Whether two short texts are surely different, and texts of a form of their own: choices, compounds.

Nothing here understands language: "wrong" is said where the words are of one kind and visibly not the
same (names, opposites, one other word in the same phrase), never on paraphrases.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files

MAX_WORDS = 6
MAX_ALIKE = 0.8
"""Words more alike than that may be spellings or forms of one word."""
_LATIN_WORDS = re.compile(r"[a-z][a-z'’-]{0,30}")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_CHOICES = re.compile(r"[A-J](?:[\s,;/&、，+]*(?:and\s+|和)?[A-J]){1,9}")
_CIRCLED_LIST = re.compile(rf"[{_CIRCLED}](?:[\s,;、，和]*[{_CIRCLED}])*")
_COMPOUND = re.compile(
    r"(?:[A-Z][a-z]?\d{0,3}|[()\[\]]\d{0,3}|·\d?)+(?P<charge>\^?(?:\d?[+-]|[+-]\d?))?"
)
_POINTS = re.compile(r"[A-Z]{2,4}")
_ELEMENT = re.compile(r"[A-Z][a-z]?")
_HAN_ONLY = re.compile(r"[\u4e00-\u9fff]{1,12}")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What ``lexicons/answers/words.toml`` holds."""

    exclusive: tuple[frozenset[str], ...]
    denying_prefixes: tuple[str, ...]
    opposite_prefixes: tuple[tuple[str, str], ...]
    """Both ways round."""
    denying: frozenset[str]
    left_out: frozenset[str]
    forms: Mapping[str, str]
    han_exclusive: tuple[frozenset[str], ...]
    han_opposites: tuple[frozenset[str], ...]
    han_endings: tuple[str, ...]
    elements: frozenset[str]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The words that answers are told apart by."""
    path = files("analysis") / "lexicons" / "answers" / "words.toml"
    table = tomllib.loads(path.read_text("utf-8"))
    words, han = table["words"], table["han"]
    pairs = [(a, b) for a, b in words["opposite_prefixes"]]
    return Lexicon(
        exclusive=tuple(frozenset(group.split()) for group in words["exclusive"]),
        denying_prefixes=tuple(words["denying_prefixes"]),
        opposite_prefixes=(*pairs, *((b, a) for a, b in pairs)),
        denying=frozenset(words["denying"].split()),
        left_out=frozenset(words["left_out"].split()),
        forms=table["forms"],
        han_exclusive=tuple(frozenset(group.split()) for group in han["exclusive"]),
        han_opposites=tuple(frozenset(group) for group in han["opposites"].split()),
        han_endings=tuple(han["endings"]),
        elements=frozenset(table["chemistry"]["elements"].split()),
    )


def choices(text: str) -> frozenset[str] | None:
    """The letters of ``ABD`` or ``A, B and D``, the signs of ①③; None for what lists no choices."""
    bare = text.strip(" .。()")
    if _CIRCLED_LIST.fullmatch(bare):
        return frozenset(char for char in bare if char in _CIRCLED)
    if not _CHOICES.fullmatch(bare):
        return None
    letters = [char for char in re.sub(r"and", "", bare) if char.isupper()]
    return frozenset(letters) if letters == sorted(set(letters)) else None


def compound(text: str) -> str | None:
    """A chemical formula in one spelling (``CO_2``, ``Fe^{3+}``); None for anything else."""
    bare = re.sub(r"\\(?:text|mathrm|ce|rm|mathsf)(?![A-Za-z])|[\s_{}$]|\\cdot", "", text)
    match = _COMPOUND.fullmatch(bare) if len(bare) <= 40 else None
    if not match or not all(name in lexicon().elements for name in _ELEMENT.findall(bare)):
        return None
    charge = (match["charge"] or "").lstrip("^")
    body = bare[: match.start("charge")] if match["charge"] else bare
    return f"{body}^{''.join(sorted(charge.replace('1', '')))}" if charge else body


def other_case(gold: str, pred: str) -> bool:
    """Whether two chemical formulas differ by capitals only: Co is not CO."""
    left, right = gold.strip(), pred.strip()
    if left == right or len(left) > 12 or left.casefold() != right.casefold():
        return False
    return compound(left) is not None and compound(right) is not None


def points(gold: str, pred: str) -> bool:
    """Whether two names of segments, angles or triangles are of other points."""
    if not (_POINTS.fullmatch(gold) and _POINTS.fullmatch(pred)):
        return False
    return sorted(gold) != sorted(pred)


def surely_different(gold: str, pred: str, *, names: bool = False) -> str | None:
    """Why two texts, in lower case and without punctuation, cannot mean the same; None if they may.

    ``names`` says that both were written with a capital: two names of one word are then of two things;
    of two lone nouns nobody knows (a heron is an ardea), unless each is known to exclude the other.
    """
    if _HAN_ONLY.fullmatch(gold) and _HAN_ONLY.fullmatch(pred):
        return _han(gold, pred)
    left, right = (_in_one_form(text) for text in (gold, pred))
    if max(len(left), len(right)) > MAX_WORDS or not all(map(_LATIN_WORDS.fullmatch, left + right)):
        return None
    mine = [word for word in left if word not in lexicon().left_out]
    theirs = [word for word in right if word not in lexicon().left_out]
    if _negated(mine, theirs) or _negated(theirs, mine):
        return "one denies the other"
    if len(mine) != len(theirs) or not mine or sorted(mine) == sorted(theirs):
        return None
    others = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    if (
        len(others) > max(1, len(mine) // 2)
        and len(mine) > 1
        and not (names and len(others) == len(mine))
    ):
        return None  # two phrases may say one thing in other words: sodium chloride, table salt
    if len(mine) == 1 and sorted(gold) == sorted(pred) and len(gold) < 5:
        return None
    if len(mine) == 1 and not names:
        known = any(mine[0] in kind and theirs[0] in kind for kind in lexicon().exclusive)
        return "one excludes the other" if known else None
    if len(others) > 2 or any(_may_be_one(a, b) for a, b in others):
        return None
    return "other words"


def same_words(gold: str, pred: str) -> bool:
    """Whether two texts are the same but for the form of a word (converges, convergent; 充要, 充分必要条件)."""
    mine, theirs = (" ".join(_in_one_form(text)) for text in (gold, pred))
    if _HAN_ONLY.fullmatch(gold) and _HAN_ONLY.fullmatch(pred):
        ends = ("", *lexicon().han_endings)
        return any(mine + end == theirs or theirs + end == mine for end in ends)
    return mine == theirs


def _in_one_form(text: str) -> list[str]:
    forms = lexicon().forms
    return [forms.get(word, word) for word in text.split()]


def _negated(plain: list[str], other: list[str]) -> bool:
    """Whether the second is the first with a ``not``, or with a prefix that denies."""
    if len(plain) == len(other) == 1:
        if any(
            other[0].startswith(b) and plain[0] == a + other[0].removeprefix(b)
            for a, b in lexicon().opposite_prefixes
        ):
            return True
        return any(other[0] == prefix + plain[0] for prefix in lexicon().denying_prefixes)
    rest = [word for word in other if word not in lexicon().denying]
    return len(rest) == len(other) - 1 and rest == plain


def _may_be_one(left: str, right: str) -> bool:
    """Whether two words may be spellings, forms or short forms of one word."""
    short, long = sorted((left, right), key=len)
    if len(short) < 3 or long.startswith(short[: max(4, len(short) - 3)]):
        return True
    return short in long or SequenceMatcher(None, left, right, autojunk=False).ratio() > MAX_ALIKE


def _han(gold: str, pred: str) -> str | None:
    for kind in lexicon().han_exclusive:
        if {_plain(gold), _plain(pred)} <= {_plain(word) for word in kind} and _plain(
            gold
        ) != _plain(pred):
            return "another of a closed kind"
    if len(gold) != len(pred):
        bare = gold.replace("不", "", 1), pred.replace("不", "", 1)
        negated = bare[0] == pred or bare[1] == gold
        return "one denies the other" if negated and abs(len(gold) - len(pred)) == 1 else None
    others = [{a, b} for a, b in zip(gold, pred, strict=True) if a != b]
    if len(others) > 1 + len(gold) // 4 or not others:
        return None
    opposed = all(any(pair <= group for group in lexicon().han_opposites) for pair in others)
    return "opposites" if opposed else None


def _plain(text: str) -> str:
    return text.removesuffix("条件")
