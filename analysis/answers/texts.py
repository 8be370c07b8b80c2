"""Whether two short texts are surely different, and texts of a form of their own: choices, compounds.

Nothing here understands language: "wrong" is said where the words are of one kind and visibly not the
same (names, opposites, one other word in the same phrase), never on paraphrases.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

MAX_WORDS = 6
MAX_ALIKE = 0.8
"""Words more alike than that may be spellings or forms of one word."""
_LATIN_WORDS = re.compile(r"[a-z][a-z'’-]{0,30}")
_NEGATIONS = ("un", "in", "im", "ir", "il", "dis", "non", "non-", "anti")
_NEGATORS = frozenset(
    {"not", "no", "never", "neither", "cannot", "isn't", "doesn't", "don't", "without", "non"}
)
_TURNED = (("exo", "endo"), ("hyper", "hypo"), ("macro", "micro"), ("pre", "post"), ("in", "ex"), ("as", "des"), ("con", "di"), ("over", "under"), ("max", "min"), ("clock", "counterclock"))  # fmt: skip
_FORMS = {
    "converges": "convergent", "converge": "convergent", "converging": "convergent", "diverges": "divergent",
    "diverge": "divergent", "diverging": "divergent", "increases": "increasing", "increase": "increasing",
    "decreases": "decreasing", "decrease": "decreasing",
}  # fmt: skip
_KINDS = tuple(
    frozenset(group.split())
    for group in (
        "even odd neither", "increasing decreasing constant", "convergent divergent", "acute obtuse right", "positive negative",
        "left right", "up down", "north south east west", "acidic basic neutral alkaline", "solid liquid gas plasma",
        "circle ellipse parabola hyperbola line sphere cone cylinder", "rectangle rhombus square trapezoid kite parallelogram",
        "scalene isosceles equilateral", "triangle quadrilateral pentagon hexagon heptagon octagon", "maximum minimum",
        "concave convex", "linear quadratic cubic exponential logarithmic", "red orange yellow green blue purple violet black white",
        "spring summer autumn winter", "male female", "oxidation reduction", "anode cathode", "mitosis meiosis", "dominant recessive",
        "rational irrational", "finite infinite", "continuous discontinuous", "dependent independent", "covalent ionic metallic",
        "proton neutron electron photon", "mean median mode range", "first second third fourth fifth", "win lose draw", "more less",
        "higher lower equal", "faster slower", "prime composite", "parallel perpendicular", "mercury venus earth mars jupiter saturn",
        "kinetic potential thermal", "mitochondria mitochondrion ribosome ribosomes nucleus chloroplast chloroplasts", "hydrogen oxygen nitrogen helium carbon",
    )
)  # fmt: skip
"""Words of which each excludes the others."""
_HAN_ENDINGS = ("条件", "角", "个", "人")
_FILLERS = frozenset({"the", "a", "an", "of", "is", "are", "it", "and", "to", "in", "on", "at", "for", "by", "with", "its", "that", "this"})  # fmt: skip
_HAN_ONLY = re.compile(r"[\u4e00-\u9fff]{1,12}")
_HAN_OPPOSITES = tuple(
    frozenset(group)
    for group in (
        "增减", "大小", "升降", "高低", "左右", "上下", "前后", "内外", "正负", "奇偶", "锐钝直", "凹凸", "东西南北", "男女", "快慢",
        "多少", "有无", "开关", "长短", "强弱", "酸碱", "甲乙丙丁戊", "一二三四五六七八九十", "能不", "是不", "红黄蓝绿黑白紫橙", "春夏秋冬",
        "虚实", "加减乘除", "同异", "顺逆", "真假", "可不", "吸放", "冷热", "先后",
    )
)  # fmt: skip
_HAN_KINDS = tuple(
    frozenset(group.split())
    for group in (
        "充分不必要条件 必要不充分条件 充要条件 充分必要条件 既不充分也不必要条件",
        "相交 平行 垂直 相切 相离 异面 重合 内切 外切 内含 外离",
        "奇函数 偶函数 非奇非偶函数 既奇又偶函数",
        "等腰三角形 等边三角形 直角三角形 锐角三角形 钝角三角形 等腰直角三角形",
        "圆 椭圆 双曲线 抛物线 直线 线段 射线",
        "平行四边形 矩形 菱形 正方形 梯形",
        "变大 变小 不变", "增大 减小 不变", "增加 减少 不变", "上升 下降 不变", "收敛 发散",
    )
)  # fmt: skip
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_CHOICES = re.compile(r"[A-J](?:[\s,;/&、，+]*(?:and\s+|和)?[A-J]){1,9}")
_CIRCLED_LIST = re.compile(rf"[{_CIRCLED}](?:[\s,;、，和]*[{_CIRCLED}])*")
_ELEMENTS = frozenset(
    [
        "H",
        "He",
        "Li",
        "Be",
        "B",
        "C",
        "N",
        "O",
        "F",
        "Ne",
        "Na",
        "Mg",
        "Al",
        "Si",
        "P",
        "S",
        "Cl",
        "Ar",
        "K",
        "Ca",
        "Sc",
        "Ti",
        "V",
        "Cr",
        "Mn",
        "Fe",
        "Co",
        "Ni",
        "Cu",
        "Zn",
        "Ga",
        "Ge",
        "As",
        "Se",
        "Br",
        "Kr",
        "Rb",
        "Sr",
        "Y",
        "Zr",
        "Nb",
        "Mo",
        "Tc",
        "Ru",
        "Rh",
        "Pd",
        "Ag",
        "Cd",
        "In",
        "Sn",
        "Sb",
        "Te",
        "I",
        "Xe",
        "Cs",
        "Ba",
        "La",
        "Ce",
        "Pr",
        "Nd",
        "Pm",
        "Sm",
        "Eu",
        "Gd",
        "Tb",
        "Dy",
        "Ho",
        "Er",
        "Tm",
        "Yb",
        "Lu",
        "Hf",
        "Ta",
        "W",
        "Re",
        "Os",
        "Ir",
        "Pt",
        "Au",
        "Hg",
        "Tl",
        "Pb",
        "Bi",
        "Po",
        "At",
        "Rn",
        "Fr",
        "Ra",
        "Ac",
        "Th",
        "Pa",
        "U",
        "Np",
        "Pu",
        "Am",
        "D",
    ]
)
_COMPOUND = re.compile(
    r"(?:[A-Z][a-z]?\d{0,3}|[()\[\]]\d{0,3}|·\d?)+(?P<charge>\^?(?:\d?[+-]|[+-]\d?))?"
)
_POINTS = re.compile(r"[A-Z]{2,4}")
_ELEMENT = re.compile(r"[A-Z][a-z]?")


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
    if not match or not all(name in _ELEMENTS for name in _ELEMENT.findall(bare)):
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
    mine = [word for word in left if word not in _FILLERS]
    theirs = [word for word in right if word not in _FILLERS]
    if _negated(mine, theirs) or _negated(theirs, mine):
        return "one denies the other"
    if len(mine) != len(theirs) or not mine or sorted(mine) == sorted(theirs):
        return None
    others = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    if len(others) > max(1, len(mine) // 2) and len(mine) > 1 and set(mine) & set(theirs):
        return None
    if len(mine) == 1 and sorted(gold) == sorted(pred) and len(gold) < 5:
        return None
    if len(mine) == 1 and not names:
        known = any(mine[0] in kind and theirs[0] in kind for kind in _KINDS)
        return "one excludes the other" if known else None
    if len(others) > 2 or any(_may_be_one(a, b) for a, b in others):
        return None
    return "other words"


def same_words(gold: str, pred: str) -> bool:
    """Whether two texts are the same but for the form of a word (converges, convergent)."""
    if _HAN_ONLY.fullmatch(gold) and _HAN_ONLY.fullmatch(pred):
        return any(gold + end == pred or pred + end == gold for end in _HAN_ENDINGS)
    return _in_one_form(gold) == _in_one_form(pred)


def _in_one_form(text: str) -> list[str]:
    return [_FORMS.get(word, word) for word in text.split()]


def _negated(plain: list[str], other: list[str]) -> bool:
    """Whether the second is the first with a ``not``, or with a prefix that denies."""
    if len(plain) == len(other) == 1:
        turned = ((a, b) for pair in _TURNED for a, b in (pair, pair[::-1]))
        if any(
            plain[0] == a + other[0].removeprefix(b) and other[0].startswith(b) for a, b in turned
        ):
            return True
        return any(other[0] == prefix + plain[0] for prefix in _NEGATIONS)
    rest = [word for word in other if word not in _NEGATORS]
    return len(rest) == len(other) - 1 and rest == plain


def _may_be_one(left: str, right: str) -> bool:
    """Whether two words may be spellings, forms or short forms of one word."""
    short, long = sorted((left, right), key=len)
    if len(short) < 3 or long.startswith(short[: max(4, len(short) - 3)]):
        return True
    return short in long or SequenceMatcher(None, left, right, autojunk=False).ratio() > MAX_ALIKE


def _han(gold: str, pred: str) -> str | None:
    for kind in _HAN_KINDS:
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
    opposed = all(any(pair <= group for group in _HAN_OPPOSITES) for pair in others)
    return "opposites" if opposed else None


def _plain(text: str) -> str:
    return text.removesuffix("条件")
