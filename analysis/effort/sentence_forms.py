"""What of a sentence is compared with another: its words and numbers, and how alike two are."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

SAME = 2 / 3
"""Two sentences that share this much say the same, if their numbers agree too."""
ALIKE = 0.45
"""Below this two sentences have nothing to do with each other."""

# Words, numbers, comparisons; what sets off formulas and emphasis ($, **, \(, `) is passed over.
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+(?:[.,:/]\d+)*|[=<>≤≥≠]|\\[a-z]+")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "cannot",
        "without",
        "nicht",
        "kein",
        "keine",
        "nie",
        "pas",
        "non",
        "不",
        "没",
        "没有",
        "未",
        "не",
        "нет",
    ]
)
_COMPARISONS = frozenset("=<>≤≥≠")
_DECIDING_COMMANDS = {
    "\\neq": "≠",
    "\\ne": "≠",
    "\\leq": "≤",
    "\\le": "≤",
    "\\geq": "≥",
    "\\ge": "≥",
}
_LAYOUT_COMMANDS = frozenset(
    ("\\left", "\\right", "\\text", "\\mathrm", "\\displaystyle", "\\quad", "\\dfrac", "\\boxed")
)


@dataclass(frozen=True)
class Form:
    """A sentence as it is compared. Sentences with equal ``key`` differ in layout only."""

    key: str
    tokens: Mapping[str, int]
    """How often each word, number and comparison stands in it."""

    @cached_property
    def deciding(self) -> frozenset[tuple[str, int]]:
        """What makes two sentences say different things, however alike they are otherwise."""
        return frozenset(item for item in self.tokens.items() if _decides(item[0]))


def form(sentence: str) -> Form:
    """The form of a sentence: case, white space, emphasis and marks of formulas do not count."""
    folded = unicodedata.normalize("NFKC", sentence).casefold().replace("’", "'")
    tokens = list(_tokens(folded))
    # A sentence without words ("---") is itself.
    return Form(" ".join(tokens) or "".join(folded.split()), Counter(tokens))


def _tokens(folded: str) -> Iterable[str]:
    for token in _TOKEN.findall(folded):
        if token[0] == "\\":
            if token not in _LAYOUT_COMMANDS:
                yield _DECIDING_COMMANDS.get(token, token)
        elif _UNSPACED.search(token):
            yield from _pieces(token)
        else:
            yield token


def _pieces(run: str) -> Iterable[str]:
    """Writing without spaces, as overlapping pairs of characters."""
    if len(run) == 1:
        yield run
    for place in range(len(run) - 1):
        yield run[place : place + 2]


def _decides(token: str) -> bool:
    return (
        token[0].isdigit()
        or token in _COMPARISONS
        or token in _NEGATIONS
        or token.endswith("n't")
        or token[0] in "不没未"
    )


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each token says: the rarer in the two traces, the more."""

    of: Mapping[str, float]

    def total(self, one: Form) -> float:
        """Of all the tokens of a sentence."""
        return sum(self.of[token] * times for token, times in one.tokens.items())

    def shared(self, one: Form, other: Form) -> float:
        """Of the tokens that both have."""
        if len(other.tokens) < len(one.tokens):
            one, other = other, one
        theirs = other.tokens
        # Sorted, so that the sum is the same whichever of the two comes first.
        both = sorted(token for token in one.tokens if token in theirs)
        return sum(self.of[token] * min(one.tokens[token], theirs[token]) for token in both)


def weights(forms: Sequence[Form]) -> Weights:
    """Weights from all sentences of the traces compared, repeated ones counted as often."""
    containing = Counter(token for one in forms for token in one.tokens)
    n = len(forms)
    return Weights({token: math.log(1 + n / found) for token, found in containing.items()})


def says_the_same(one: Form, other: Form, likeness: float) -> bool:
    """Whether the difference is one of wording: the numbers, comparisons and negations agree."""
    return one.key == other.key or (likeness >= SAME and one.deciding == other.deciding)
