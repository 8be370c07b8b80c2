r"""Is an answer right? Three verdicts: correct, wrong, undecided, each with its reason and stage.

A cascade, cheapest first: exact text, normal form, numbers, structure (formulas by exact evaluation,
sets, intervals, equations ...), and last, for what none of them reads, math-verify in a worker process
that can be killed. "Wrong" is said only where both answers were understood; everything else that is
not shown to be equal is undecided. Nothing is ever executed: code is undecided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from analysis.answers import closed, normalise, shapes, texts
from analysis.answers.compare import compare
from analysis.answers.extract import final_answer, said_again
from analysis.answers.math_pool import MathPool, PoolVerdict, shared_pool
from analysis.answers.outcomes import Outcome
from analysis.answers.source import (
    MAX_BARE_CHARS,
    complements,
    is_prose,
    last_number,
    same_prose,
    stated_answer,
    words_of,
)

NAME = "cotscope"
VERSION = "2"
"""Change it whenever a verdict can change: stored verdicts of another version are judged again."""
MAX_ANSWER_CHARS = 2000
"""Longer answers are compared as text only."""
MAX_FIELD_CHARS = 200_000
MAX_REMEMBERED_CHARS = 4_000
KINDS = frozenset({"math", "number", "choice", "text", "code"})
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}|[\u3040-\u9fff\uac00-\ud7a3]")
_ASKING = re.compile(r"(?<![A-Za-z])[A-J](?![A-Za-z])|[:：]| to ")
_MATHEMATICAL = re.compile(r"\\[A-Za-z]|[\^_=+*/<>≤≥|]|\A[\d\s.,-]+\Z|\A[a-zA-Z]\Z")
_NOT_FOR_ALGEBRA = re.compile(
    r"\\begin\{cases|\\[pb]?mod(?![a-z])|\\(?:parallel|perp|mid)(?![a-z])"
)
"""What math-verify reads only a part of, and then calls equal."""
_ABOUT = re.compile(r"≈|\\approx|about|approximately|[Oo]r |\bexactly\b")
_CAPITAL = re.compile(r"[\s$*\"“]*(?:\\text\w*\s*\{\s*)?[A-Z]")
_UNSURE = "read off a sentence that does not call it the answer"
_KNOWN_WORDS = frozenset(["sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "exp", "sqrt", "frac", "pi", "theta", "alpha", "beta", "gamma", "arcsin", "arccos", "arctan", "lim", "max", "min", "gcd", "lcm", "left", "right", "text", "mathrm", "cdot", "times", "infty"])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """``verdict`` is 'correct', 'wrong' or 'undecided'; ``stage`` is where it was reached.

    Stages: input, exact, normalised, numeric, structural, text, math_verify.
    """

    verdict: str
    reason: str
    stage: str


@dataclass(frozen=True, slots=True)
class _Later:
    """What only math-verify can still judge."""

    gold: str
    pred: str
    fallback: Verdict
    sure: bool = True


Judge = Callable[[str, str], PoolVerdict]


def judge(
    gold: str | None,
    pred: str | None,
    *,
    kind: str | None = None,
    question: str | None = None,
    pool: MathPool | None = None,
) -> Verdict:
    """Whether ``pred`` is the answer ``gold``.

    Both may be bare answers or whole responses. ``kind`` is 'math', 'number', 'choice', 'text' or
    'code' where it is known; ``question`` helps where it lists options or asks for a ratio. ``pool``
    None uses one that this process shares, started when first needed. Never raises on odd input.
    """
    found = _judge(gold, pred, kind, question)
    if isinstance(found, Verdict):
        return found
    return _settle(found, (pool or shared_pool()).verify(found.gold, found.pred))


def judge_many(
    pairs: Iterable[tuple[str | None, str | None, str | None, str | None]],
    *,
    pool: MathPool | None = None,
    window: int = 64,
) -> Iterator[Verdict]:
    """Verdicts of (gold, pred, kind, question), in order; what needs math-verify runs beside the rest.

    ``window`` bounds how many pairs are read ahead.
    """
    from collections import deque

    waiting: deque[Verdict | tuple[_Later, Callable[[], PoolVerdict]]] = deque()
    for gold, pred, kind, question in pairs:
        found = _judge(gold, pred, kind, question)
        if isinstance(found, _Later):
            used = pool or shared_pool()
            waiting.append((found, used.submit(found.gold, found.pred)))
        else:
            waiting.append(found)
        while waiting and (isinstance(waiting[0], Verdict) or len(waiting) > window):
            yield _ready(waiting.popleft())
    while waiting:
        yield _ready(waiting.popleft())


def _ready(item: Verdict | tuple[_Later, Callable[[], PoolVerdict]]) -> Verdict:
    return item if isinstance(item, Verdict) else _settle(item[0], item[1]())


def quick(
    gold: str | None, pred: str | None, *, kind: str | None = None, question: str | None = None
) -> Verdict | None:
    """Like ``judge`` without math-verify: None where only that could still tell."""
    found = _judge(gold, pred, kind, question)
    return found if isinstance(found, Verdict) else None


def _judge(
    gold: str | None, pred: str | None, kind: str | None, question: str | None
) -> Verdict | _Later:
    question = _needed(question, gold, pred)
    sizes = len(gold or "") + len(pred or "") + len(question or "")
    judged = _remembered if sizes <= MAX_REMEMBERED_CHARS else _judged
    return judged(gold, pred, kind, question)


def _needed(question: str | None, gold: str | None, pred: str | None) -> str | None:
    """The question where it can matter: choices and ratios."""
    if not question:
        return None
    return question if any(_ASKING.search(text or "") for text in (gold, pred)) else None


def _judged(
    gold: str | None, pred: str | None, kind: str | None, question: str | None
) -> Verdict | _Later:
    refused = _refused(gold, pred, kind)
    if refused or gold is None or pred is None:
        return refused or Verdict("undecided", "nothing to compare", "input")
    if gold.strip() == pred.strip():
        return Verdict("correct", "the same text", "exact")
    mine, theirs = stated_answer(gold), stated_answer(pred)
    told = _restated(mine.text, theirs.text, kind, question)
    if told is not None:
        return told
    if max(len(mine.text), len(theirs.text)) > MAX_ANSWER_CHARS:
        if same_prose(mine.text, theirs.text):
            return Verdict("correct", "the same text", "normalised")
        return Verdict("undecided", f"longer than {MAX_ANSWER_CHARS:,} characters", "input")
    found = _compared(mine.text, theirs.text, kind, question)
    if isinstance(found, _Later):
        return found if mine.sure and theirs.sure else replace(found, sure=False)
    if found.verdict == "wrong" and not (mine.sure and theirs.sure):
        found = replace(found, verdict="undecided", reason=f"{_UNSURE} ({found.reason})")
    if found.verdict == "undecided":
        return _elsewhere(mine.text, theirs.text, pred, kind, question) or found
    return found


def _restated(gold: str, pred: str, kind: str | None, question: str | None) -> Verdict | None:
    """Correct where one side says its value twice (``1/6 ≈ 0.167``, ``one thousand (1000)``)."""
    if max(len(gold), len(pred)) > MAX_BARE_CHARS:
        return None
    sides = [said_again(text) for text in (gold, pred)]
    if sides == [[gold], [pred]]:
        return None
    sides = [_values_of(side) for side in sides]
    if not all(sides):
        return None
    if min(map(len, sides)) > 1:  # what stands first is meant, and again behind it
        sides = [side[:1] for side in sides]
    told = [_compared(mine, theirs, kind, question) for mine in sides[0] for theirs in sides[1]]
    verdicts = [one for one in told if isinstance(one, Verdict)]
    right = next((one for one in verdicts if one.verdict == "correct"), None)
    if right and any(one.verdict == "wrong" for one in verdicts) and not _ABOUT.search(gold + pred):
        return Verdict("undecided", "two values that are not the same", right.stage)
    return right


def _values_of(side: list[str]) -> list[str]:
    """The values among the ways in which a side is written: of "x ≈ 5" the name is none.

    Nothing where another part is no value ("group A (5)").
    """
    if len(side) < 2:
        return side
    named = [text for text in side if not shapes.is_name(text.strip("$ "))]
    return named if all(shapes.read(text).kind != "text" for text in named) else []


def _elsewhere(
    gold: str, taken: str, pred: str, kind: str | None, question: str | None
) -> Verdict | None:
    """Correct where a prose answer states the gold answer in another place than was looked at first."""
    if not is_prose(pred) and _WORDS.search(pred) is None:
        return None
    stated = final_answer(pred, None)
    for complement in [*complements(pred), *([stated.raw] if stated and not stated.sure else [])]:
        told = _compared(gold, complement, kind, question) if complement != taken else None
        if isinstance(told, Verdict) and told.verdict == "correct":
            return replace(told, reason="stated in the first or last sentence")
    number = last_number(pred)
    if (
        number is None
        or number == taken
        or (taken == pred.strip() and shapes.read(taken).kind != "text")
    ):
        return None
    told = _compared(gold, number, kind, question)
    if isinstance(told, Verdict) and told.verdict == "correct":
        return Verdict("correct", "the last number of the text", told.stage)
    return None


_remembered = lru_cache(maxsize=8192)(_judged)


def _refused(gold: str | None, pred: str | None, kind: str | None) -> Verdict | None:
    if gold is None or not gold.strip():
        return Verdict("undecided", "there is no gold answer", "input")
    if pred is None or not pred.strip():
        return Verdict("undecided", "no answer was found", "input")
    if kind == "code":
        same = gold.strip() == pred.strip()
        return (
            Verdict("correct", "the same text", "exact")
            if same
            else Verdict("undecided", "code is not run", "input")
        )
    if max(len(gold), len(pred)) > MAX_FIELD_CHARS:
        return Verdict("undecided", "too long to read", "input")
    return None


def _compared(gold: str, pred: str, kind: str | None, question: str | None) -> Verdict | _Later:
    """The stages on two bare answers."""
    if gold.strip() == pred.strip():
        return Verdict("correct", "the same text", "exact")
    if kind == "choice":
        gold, pred = _as_choice(gold), _as_choice(pred)
    left, right = _shape(gold), _shape(pred)
    plain = _numbers(left, right)
    if plain is not None:
        return plain
    outcome = compare(left, right, question)
    if outcome.verdict in ("correct", "wrong", "undecided"):
        stage = "numeric" if left.kind == right.kind == "number" else "structural"
        return Verdict(outcome.verdict, outcome.reason, stage)
    if texts.other_case(gold, pred):
        return Verdict("wrong", "another compound", "text")
    if normalise.same(normalise.parse(gold), normalise.parse(pred)):
        return Verdict("correct", "the same normal form", "normalised")
    return _text_or_later(gold, pred, left, right, outcome)


def _shape(text: str) -> shapes.Shape:
    """A long sentence that states no answer is text, whatever stands in it."""
    if len(text) > MAX_BARE_CHARS and is_prose(text):
        return shapes.Shape("text", text)
    return shapes.read(text)


def _numbers(left: shapes.Shape, right: shapes.Shape) -> Verdict | None:
    """Equal plain numbers, the commonest case by far."""
    if left.kind != "number" or right.kind != "number" or left.value != right.value:
        return None
    if (left.unit, left.name, left.base) != (right.unit, right.name, right.base):
        return None
    same = left.text == right.text
    return Verdict("correct", "the same number", "normalised" if same else "numeric")


def _as_choice(text: str) -> str:
    """A lower-case letter is a choice where the kind says so."""
    bare = text.strip().strip("().")
    return bare.upper() if len(bare) == 1 and bare.isalpha() else text


def _text_or_later(
    gold: str, pred: str, left: shapes.Shape, right: shapes.Shape, outcome: Outcome
) -> Verdict | _Later:
    flags = closed.boolean_first(gold), closed.boolean_first(pred)
    if None not in flags and flags[0] != flags[1]:
        return Verdict("wrong", "the other of yes and no", "text")
    if same_prose(gold, pred):
        return Verdict("correct", "the same words", "normalised")
    both_texts = left.kind == right.kind == "text"
    told = _of_texts(left.text, right.text) if both_texts else _of_texts(gold, pred)
    if told is not None:
        return told
    reason = outcome.reason or "not shown to be the same"
    if _is_mathematical(gold) and _is_mathematical(pred):
        return _Later(gold, pred, Verdict("undecided", reason, "structural"))
    if both_texts:
        return _words_against_words(gold, pred)
    return Verdict("undecided", "a text against another form", "text")


def _words_against_words(gold: str, pred: str) -> Verdict:
    mine, theirs = words_of(gold), words_of(pred)
    if texts.same_words(mine, theirs):
        return Verdict("correct", "the same words in another form", "normalised")
    if not is_prose(gold) and not is_prose(pred):
        names = all(_CAPITAL.match(text) for text in (gold, pred))
        why = texts.surely_different(mine, theirs, names=names)
        if why:
            return Verdict("wrong", why, "text")
    return Verdict("undecided", "different texts", "text")


def _of_texts(gold: str, pred: str) -> Verdict | None:
    """Several choices (``ABD``), and chemical formulas."""
    letters = texts.choices(gold), texts.choices(pred)
    single = [text.strip(" .()") for text in (gold, pred)]
    if any(letters) and (all(letters) or any(re.fullmatch(r"[A-J①-⑩]", text) for text in single)):
        same = (letters[0] or {single[0]}) == (letters[1] or {single[1]})
        return Verdict("correct", "the same choices", "text") if same else Verdict("wrong", "other choices", "text")  # fmt: skip
    if texts.points(gold, pred):
        return Verdict("wrong", "other points", "text")
    if gold == pred:
        return Verdict("correct", "the same text", "normalised")
    mine, theirs = texts.compound(gold), texts.compound(pred)
    if mine and theirs and any(char.isdigit() or char.islower() for char in mine + theirs):
        same = mine == theirs
        return Verdict("correct", "the same compound", "text") if same else Verdict("wrong", "another compound", "text")  # fmt: skip
    return None


def _is_mathematical(text: str) -> bool:
    """Whether math-verify could make something of it: a formula, and no words."""
    if _NOT_FOR_ALGEBRA.search(text) or is_prose(text) or not _MATHEMATICAL.search(text):
        return False
    bare = re.sub(r"\\(?:begin|end)\{[A-Za-z*]+\}|\\[A-Za-z]+", " ", text)
    return all(word.lower() in _KNOWN_WORDS for word in _WORDS.findall(bare))


def _settle(later: _Later, told: PoolVerdict) -> Verdict:
    """What math-verify's answer comes to: only a yes both ways counts, and a no of two formulas."""
    if told.state == "equal":
        return Verdict("correct", "equal by computer algebra", "math_verify")
    if told.state == "different" and not later.sure:
        return Verdict("undecided", _UNSURE, "math_verify")
    if told.state == "different":
        return Verdict("wrong", "different by computer algebra", "math_verify")
    return Verdict("undecided", f"{told.reason}; {later.fallback.reason}", "math_verify")
