"""Comparing two answers that have been taken apart: same, different, or not for this module to say.

Every function returns an ``Outcome``; ``UNKNOWN`` means that another stage has to judge. Different is
only said where both sides were understood.
"""

from __future__ import annotations

import re
from dataclasses import replace

from analysis.answers import (
    closed,
    closed_forms,
    families,
    family_compare,
    intervals,
    quantities,
    relations,
    texts,
)
from analysis.answers.outcomes import CORRECT, UNDECIDED, UNKNOWN, WRONG, Outcome, combine
from analysis.answers.shape import Shape
from analysis.answers.shapes import read

MAX_MATCHING = 60
"""Unordered lists up to this length are matched element by element."""
_LETTER_FIRST = re.compile(r"([A-J])\.\s+\S")
_VALUES = ("number", "expr")
_CLOSED = ("bool", "special", "date", "weekday", "time")


def compare(gold: Shape, pred: Shape, question: str | None = None, depth: int = 0) -> Outcome:
    """The outcome for two shapes; ``question`` helps with choices and ratios."""
    if depth > 6:
        return UNKNOWN
    if gold.name or pred.name:
        named = _named(gold, pred, question, depth)
        if named is not None:
            return named
    gold, pred = replace(gold, name=""), replace(pred, name="")
    if gold.kind in families.KINDS or pred.kind in families.KINDS:
        return family_compare.judge(gold, pred, lambda g, p: compare(g, p, question, depth + 1))
    for judge in (
        _choices,
        _closed_forms,
        _ratios,
        _comma,
        _values,
        _matrices,
        _sequences,
        _regions,
        _collections,
    ):
        outcome = judge(gold, pred, question, depth)
        if outcome is not None:
            return outcome
    return UNKNOWN


def _named(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    """``x = 5`` against ``5`` (forgiven), ``y = 5`` (not), ``y = 2x`` against ``y - 2x = 0``."""
    bare = replace(gold, name=""), replace(pred, name="")
    if gold.name and pred.name and gold.name != pred.name:
        return relations.renamed(gold, pred, compare(*bare, question, depth + 1))
    other, named = (pred, gold) if gold.name else (gold, pred)
    if other.kind == "relation" and not other.name and "=" in other.signs:
        solutions = _expanded(replace(named, name=""))
        if solutions.kind in ("set", "list"):
            return relations.against_value(
                *((solutions, other) if gold.name else (other, solutions))
            )
        return relations.equations(relations.as_relation(gold), relations.as_relation(pred))
    return None


def _choices(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    if "choice" not in (gold.kind, pred.kind):
        return None
    if gold.kind == pred.kind:
        same = gold.text == pred.text
        if gold.items and pred.items:
            texts = compare(gold.items[0], pred.items[0], None, depth + 1)
            if same != (texts.verdict == "correct") and texts.verdict in ("correct", "wrong"):
                return Outcome("undecided", "the letter and the text of the choice disagree")
        return Outcome("correct", "the same choice") if same else Outcome("wrong", "another choice")
    letter, other = (gold, pred) if gold.kind == "choice" else (pred, gold)
    if letter.items:  # "(B) 12 km" against "12 km"
        return compare(letter.items[0], other, None, depth + 1)
    if len(other.text) == 1 and other.text.isalpha():
        if not letter.brackets and other.text in "eif" and not closed.options(question):
            return Outcome("undecided", "a choice, or a variable")
        same = other.text.upper() == letter.text
        return Outcome("correct", "the same choice") if same else Outcome("wrong", "another choice")
    options = closed.options(question)
    stated = _LETTER_FIRST.match(other.text)
    if letter.text in options and not (stated and stated[1] in options):
        return _by_option(letter.text, other, options, depth)
    if stated:
        same = stated[1] == letter.text
        return Outcome("correct", "the same choice") if same else Outcome("wrong", "another choice")
    if other.kind in _VALUES and other.expression and not other.unit:
        return quantities.values(gold, pred) if other.expression.symbols else None
    return None


def _by_option(letter: str, other: Shape, options: dict[str, str], depth: int) -> Outcome:
    """A letter against the text of an option of the question."""
    equal = []
    for name, text in options.items():
        shape = read(text)
        same = " ".join(text.casefold().split()).strip(" .") == other.text.casefold().strip(" .")
        if same or compare(shape, other, None, depth + 1).verdict == "correct":
            equal.append(name)
    if equal == [letter]:
        return Outcome("correct", f"the text of option {letter}")
    if letter in equal:
        return Outcome("undecided", "more than one option has this text")
    if equal:
        return Outcome("wrong", f"the text of option {equal[0]}")
    return Outcome("undecided", "a choice against a text that is none of the options")


def _closed_forms(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    kinds = gold.kind, pred.kind
    if kinds == ("time", "time"):
        return closed_forms.times(gold, pred)
    if gold.kind == pred.kind and gold.kind in _CLOSED:
        if gold.kind == "date":
            return closed_forms.dates(gold.text, pred.text)
        if frozenset((gold.text, pred.text)) in closed_forms.NEAR:
            return Outcome("undecided", f"{gold.text} against {pred.text}")
        same = gold.text == pred.text
        return CORRECT if same else Outcome("wrong", f"{pred.text} is not {gold.text}")
    if "bool" in kinds:
        return closed_forms.booleans(gold, pred)
    if "special" in kinds:
        region = _regions(gold, pred, question, depth)
        if region is not None:
            return region
        other = pred if gold.kind == "special" else gold
        if other.kind == "text" and (told := texts.surely_different(gold.text, pred.text)):
            return Outcome("wrong", told)
        if other.kind in ("text", "choice") or (
            other.value == 0 and "inf" not in gold.text + pred.text
        ):
            return Outcome("undecided", "not a value of the same kind")
        if other.kind == "expr" and quantities.constant_value(other) is None:
            return UNKNOWN
        return Outcome(
            "wrong", f"a value against {gold.text if gold.kind == 'special' else pred.text!r}"
        )
    return None


def _ratios(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    kinds = gold.kind, pred.kind
    if "ratio" not in kinds and "time" not in kinds:
        return None
    left = closed_forms.as_ratio(gold) if gold.kind == "time" else gold
    right = closed_forms.as_ratio(pred) if pred.kind == "time" else pred
    if left.kind == right.kind == "ratio":
        return quantities.ratio(left, right)
    ratio, other = (left, right) if left.kind == "ratio" else (right, left)
    if other.kind not in _VALUES:
        return None
    same = len(ratio.items) == 2 and quantities.is_quotient(ratio, other)
    asked = question is not None and ("ratio" in question.casefold() or "比" in question)
    if same and asked:
        return Outcome("undecided", "a ratio against its quotient")
    return Outcome("wrong", "a ratio against a number")


def _comma(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    """``1,22`` is 1.22 where the other side is a number of that value."""
    for shape, other in ((gold, pred), (pred, gold)):
        if shape.comma_value is not None and other.kind in _VALUES:
            if other.value == shape.comma_value:
                return Outcome("correct", "a decimal comma")
            return Outcome("wrong", "two numbers, or a decimal comma, against another number")
    return None


def _values(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    if gold.kind in _VALUES and pred.kind in _VALUES:
        return quantities.values(gold, pred)
    return None


def _matrices(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    if gold.kind == pred.kind == "matrix":
        if len(gold.items) != len(pred.items):
            return Outcome("wrong", "matrices of different sizes")
        rows = zip(gold.items, pred.items, strict=True)
        return combine(_ordered(g, p, question, depth) for g, p in rows)
    if "matrix" not in (gold.kind, pred.kind):
        return None
    matrix, other = (gold, pred) if gold.kind == "matrix" else (pred, gold)
    if other.kind in ("tuple", "list") and (
        len(matrix.items) == 1 or all(len(row.items) == 1 for row in matrix.items)
    ):
        flat = [cell for row in matrix.items for cell in row.items]
        vector = Shape("list", matrix.text, items=tuple(flat))
        found = _ordered(vector, replace(other, kind="list"), question, depth)
        if found.verdict == "correct" and other.brackets not in ("", "()", "[]"):
            return Outcome("undecided", "a vector against an interval")
        return found
    if other.kind in (*_VALUES, "special", "set"):
        if other.expression and other.expression.symbols:
            return UNKNOWN
        return Outcome("wrong", "a matrix against a value")
    return None


def _sequences(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    """Lists with an ellipsis: what is spelled out before it must not differ."""
    if not (_elided(gold) and _elided(pred)):
        if _elided(gold) or _elided(pred):
            return Outcome("undecided", "a list with an ellipsis")
        return None
    heads = []
    for shape in (gold, pred):
        texts = [item.text for item in shape.items]
        heads.append(shape.items[: texts.index("...")])
    pairs = [compare(g, p, question, depth + 1) for g, p in zip(*heads, strict=False)]
    if any(pair.verdict == "wrong" for pair in pairs):
        return Outcome("wrong", "the listed elements differ")
    return Outcome("undecided", "lists with an ellipsis")


def _elided(shape: Shape) -> bool:
    return any(item.kind == "text" and item.text == "..." for item in shape.items)


def _regions(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    """Inequalities, intervals and unions as sets of the real line; equations."""
    kinds = {gold.kind, pred.kind}
    if kinds == {"relation"}:
        outcome = relations.relations(gold, pred)
        if outcome.verdict != "unknown":
            return outcome
    ordered = kinds & {"relation", "union", "without"} or any(
        item.kind == "relation" for shape in (gold, pred) for item in shape.items
    )
    if ordered or ("special" in kinds and kinds & {"tuple", "set"}):
        left, right = intervals.region(gold), intervals.region(pred)
        if left is not None and right is not None:
            return intervals.same_region(left, right)
    if "relation" in kinds and kinds & {*_VALUES, "set", "list", "tuple"}:
        return relations.against_value(gold, pred)
    return None


def _collections(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    left, right = _expanded(gold), _expanded(pred)
    kinds = left.kind, right.kind
    groups = ("list", "set", "tuple")
    if kinds[0] in groups and kinds[1] in groups:
        return _two_groups(left, right, question, depth)
    if kinds[0] in groups or kinds[1] in groups:
        return _group_and_single(left, right, question, depth)
    return None


def _expanded(shape: Shape) -> Shape:
    r"""``\\pm`` written out: ``1 ± √5`` as two values."""
    if shape.kind == "expr" and shape.expression is not None and shape.expression.has_pm:
        return Shape("set", shape.text, items=quantities.both_signs(shape))
    if shape.kind in ("set", "list"):
        items: list[Shape] = []
        for item in shape.items:
            pm = item.kind == "expr" and item.expression is not None and item.expression.has_pm
            items.extend(quantities.both_signs(item) if pm else [item])
        return replace(shape, items=tuple(items))
    return shape


def _two_groups(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome:
    kinds = {gold.kind, pred.kind}
    if gold.kind != pred.kind and "tuple" in kinds and kinds <= {"tuple", "list", "set"}:
        group, point = (pred, gold) if gold.kind == "tuple" else (gold, pred)
        points = all(item.kind == "tuple" for item in group.items)
        if points and not any(item.kind == "tuple" for item in point.items):
            alone = Shape("list", point.text, items=(point,))
            pair = (alone, group) if gold.kind == "tuple" else (group, alone)
            return _unordered(*pair, question, depth)
    if kinds == {"tuple"}:
        found = _ordered(gold, pred, question, depth)
        if found.verdict == "correct" and gold.brackets != pred.brackets:
            if len(gold.items) == 2:
                return Outcome("wrong", "open against closed ends")
            return Outcome("correct", "the same elements in other brackets")
        return found
    if _all_named(gold) and _all_named(pred):
        return _mapping(gold, pred, question, depth)
    if "tuple" not in kinds:
        return _unordered(gold, pred, question, depth)
    if kinds == {"tuple", "list"}:
        bracketed, listed = (gold, pred) if gold.kind == "tuple" else (pred, gold)
        found = _ordered(gold, pred, question, depth)
        if found.verdict == "correct":
            names = [item.name for item in listed.items]
            if bracketed.brackets == "()" and names == sorted(names):
                return found
            return Outcome("undecided", "a list against a tuple or interval")
        if found.verdict == "wrong" and _all_named(listed) and bracketed.brackets == "()":
            names = [item.name for item in listed.items]
            if names == sorted(names):
                return found
    found = _unordered(gold, pred, question, depth)
    return Outcome("undecided", "the same elements, but one is a tuple") if found.verdict == "correct" else found  # fmt: skip


def _all_named(shape: Shape) -> bool:
    return all(item.name for item in shape.items) and len(
        {item.name for item in shape.items}
    ) == len(shape.items)


def _mapping(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome:
    left, right = ({item.name: item for item in shape.items} for shape in (gold, pred))
    if left.keys() != right.keys():
        return Outcome("undecided", "other names on the left-hand sides")
    return combine(compare(left[name], right[name], question, depth + 1) for name in left)


def _ordered(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome:
    if len(gold.items) != len(pred.items):
        return Outcome("wrong", "another number of elements")
    pairs = zip(gold.items, pred.items, strict=True)
    return combine(compare(g, p, question, depth + 1) for g, p in pairs)


def _unordered(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome:
    """Sets and lists: every element has its like in the other; duplicates count once."""
    if max(len(gold.items), len(pred.items)) > MAX_MATCHING:
        return (
            _ordered(gold, pred, question, depth)
            if len(gold.items) == len(pred.items)
            else UNDECIDED
        )
    doubt = False
    for mine, others in ((gold.items, pred.items), (pred.items, gold.items)):
        for item in mine:
            verdicts = {compare(item, other, question, depth + 1).verdict for other in others}
            if "correct" in verdicts:
                continue
            if verdicts == {"wrong"}:
                missing = "is missing" if mine is gold.items else "is too much"
                return Outcome("wrong", f"the element {item.text[:40]!r} {missing}")
            doubt = True
    return Outcome("undecided", "some elements could not be compared") if doubt else CORRECT


def _group_and_single(gold: Shape, pred: Shape, question: str | None, depth: int) -> Outcome | None:
    group, single = (gold, pred) if gold.items else (pred, gold)
    if single.kind not in (*_VALUES, "choice", "bool", "date", "weekday", "time", "relation"):
        return None
    found = [compare(item, single, question, depth + 1) for item in group.items]
    if len(found) == 1 and group.kind != "tuple":
        return found[0]
    if all(outcome.verdict == "correct" for outcome in found):
        return (
            CORRECT
            if group.kind in ("set", "list")
            else Outcome("undecided", "a tuple against a value")
        )
    if group.kind == "tuple" and any(outcome.verdict == "wrong" for outcome in found):
        return Outcome("wrong", "a tuple against a value")
    if any(outcome.verdict in ("unknown", "undecided") for outcome in found):
        return Outcome("undecided", "some elements could not be compared")
    return Outcome("wrong", "another number of values")


__all__ = ["CORRECT", "UNDECIDED", "UNKNOWN", "WRONG", "Outcome", "compare"]
