"""What a search asks for, as data: words, regular expressions, findings at a place, metrics, facts.

``parse.parse_search`` reads it from the text of the search box; ``SearchQuery.to_text`` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

FIELDS = ("question", "reasoning", "answer")
FACTS = ("model", "dataset", "effort", "verdict", "language", "ending", "id")
"""What ``NAME:value`` can ask of a trace itself."""
ANCHORS = ("after-correct", "before-correct", "after-answer", "before-answer")
"""Places of a finding: after the first correct answer, or after the final answer first stood."""
OPERATORS = (">=", "<=", "!=", ">", "<", "=")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow each other, in one of the fields or in ``field``; the last may go on."""

    words: tuple[str, ...]
    """As ``folding.words_of`` gives them."""
    prefix: bool = False
    field: str | None = None

    def to_text(self) -> str:
        """As it is typed."""
        shown = f'"{" ".join(self.words)}"' if len(self.words) > 1 else self.words[0]
        if shown in ("and", "or", "not"):
            shown = f'"{shown}"'
        return (f"{self.field}:" if self.field else "") + shown + ("*" if self.prefix else "")


@dataclass(frozen=True, slots=True)
class And:
    """All of these hold."""

    parts: tuple[Node, ...]

    def to_text(self) -> str:
        """As it is typed."""
        return " ".join(_inner(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of these holds."""

    parts: tuple[Node, ...]

    def to_text(self) -> str:
        """As it is typed."""
        return "(" + " OR ".join(_inner(part) for part in self.parts) + ")"


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    part: Node

    def to_text(self) -> str:
        """As it is typed."""
        return "-" + _inner(self.part)


Node = Term | And | Or | Not


def _inner(node: Node) -> str:
    return f"({node.to_text()})" if isinstance(node, And) else node.to_text()


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression (RE2 syntax) that has to match in one of the fields or in ``field``."""

    pattern: str
    flags: str = ""
    """Of i (case), m (``^`` and ``$`` at lines), s (``.`` matches a line end)."""
    field: str | None = None

    def to_text(self) -> str:
        """As it is typed."""
        shown = self.pattern.replace("/", "\\/")
        return (f"{self.field}:" if self.field else "") + f"/{shown}/{self.flags}"


@dataclass(frozen=True, slots=True)
class HasFinding:
    """At least ``min_count`` findings of a label that begin at the place, with the score."""

    label: str
    low: float = 0.0
    """Share of the reasoning before the place, 0..1."""
    high: float = 1.0
    anchor: str | None = None
    """One of ``ANCHORS``."""
    min_score: float | None = None
    value: str | None = None
    """What was found: a language code, a candidate answer."""
    min_count: int = 1
    negated: bool = False

    def to_text(self) -> str:
        """As it is typed."""
        text = ("-" if self.negated else "") + "label:" + _quoted(self.label, "@,")
        if self.anchor:
            text += f"@{self.anchor}"
        if (self.low, self.high) != (0.0, 1.0):
            text += f"@{_number(self.low * 100)}-{_number(self.high * 100)}%"
        if self.min_score is not None:
            text += f",score>={_number(self.min_score)}"
        if self.min_count != 1:
            text += f",n>={self.min_count}"
        return text if self.value is None else text + ",value=" + _quoted(self.value, ",")


@dataclass(frozen=True, slots=True)
class HasMetric:
    """A metric that compares to a number, lies in a range (``low``..``high``), or equals a text."""

    name: str
    operator: str
    """One of ``OPERATORS``, or '..' for a range with both ends in it."""
    number: float | None = None
    high: float | None = None
    text: str | None = None
    negated: bool = False

    def to_text(self) -> str:
        """As it is typed."""
        shown = ("-" if self.negated else "") + f"metric:{self.name}"
        if self.text is not None:
            return shown + self.operator + _quoted(self.text, "")
        number = _number(self.number or 0.0)
        if self.operator == "..":
            return f"{shown}={number}..{_number(self.high or 0.0)}"
        return shown + self.operator + number


@dataclass(frozen=True, slots=True)
class HasFact:
    """What a trace's record says. Model, data set and id: contains; the others: is. Case ignored."""

    name: str
    value: str
    negated: bool = False

    def to_text(self) -> str:
        """As it is typed."""
        return ("-" if self.negated else "") + f"{self.name}:{_quoted(self.value, '')}"


Condition = HasFinding | HasMetric | HasFact


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """All parts have to hold."""

    words: Node | None = None
    regexes: tuple[Regex, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is asked."""
        return self.words is None and not self.regexes and not self.conditions

    def to_text(self) -> str:
        """The text that ``parse_search`` reads as this query."""
        parts = [self.words.to_text()] if self.words else []
        parts += [regex.to_text() for regex in self.regexes]
        parts += [condition.to_text() for condition in self.conditions]
        return " ".join(parts)

    def to_query(self) -> dict[str, str]:
        """As URL query parameters."""
        return {"q": self.to_text()}

    def to_json(self) -> dict[str, Any]:
        """The query taken apart, for people and programs; ``text`` alone reads back."""
        return {"text": self.to_text(), **asdict(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SearchQuery:
        """Read ``to_json``. Raises ``SearchSyntaxError``."""
        from analysis.search.parse import parse_search

        return parse_search(str(value.get("text", "")))

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> SearchQuery:
        """Read URL query parameters. Raises ``SearchSyntaxError``."""
        from analysis.search.parse import parse_search

        return parse_search(query.get("q", ""))


def positive_terms(node: Node | None) -> tuple[Term, ...]:
    """The terms that a passage can show: those that are not under a NOT."""
    if isinstance(node, Term):
        return (node,)
    if isinstance(node, And | Or):
        found = [term for part in node.parts for term in positive_terms(part)]
        return tuple(dict.fromkeys(found))
    return ()


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(round(value, 12))


def _quoted(value: str, special: str) -> str:
    plain = value and not any(c.isspace() or c in f'"“”()\\{special}' for c in value)
    if plain:
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
