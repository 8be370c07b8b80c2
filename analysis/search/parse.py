"""Reading the search box. One pass over the text; every error says where and what to write instead.

search := or ;  or := and (OR and)* ;  and := not ([AND] not)* ;  not := (NOT | -) not | atom
atom   := ( or ) | word | word* | "phrase" | /regex/ims | FIELD:atom | NAME:condition
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace

from analysis import limits
from analysis.errors import SearchSyntaxError
from analysis.search.conditions import read_finding, read_metric
from analysis.search.folding import words_of
from analysis.search.query import (
    FACTS,
    FIELDS,
    And,
    Condition,
    HasFact,
    Node,
    Not,
    Or,
    Regex,
    SearchQuery,
    Term,
)

_NAME = re.compile(r"([A-Za-z_]{2,20}):(?=\S)")
_KNOWN = (*FIELDS, "label", "metric", *FACTS)
_FLAGS = re.compile(r"[A-Za-z]*")
_OPEN_QUOTES, _CLOSE_QUOTES = '"“„', '"”“'
_ENDINGS = ("complete", "truncated")
_VERDICTS = ("correct", "wrong", "not judged")


def parse_search(text: str) -> SearchQuery:
    """The query that a text asks for. Raises ``SearchSyntaxError``, never anything else."""
    if len(text) > limits.MAX_QUERY_CHARS:
        raise SearchSyntaxError(
            f"A search has at most {limits.MAX_QUERY_CHARS:,} characters; this has {len(text):,}."
        )
    return _Parser(text).read()


def regex_search(pattern: str, *, flags: str = "", field: str | None = None) -> SearchQuery:
    """A search for one regular expression, without the syntax of the box."""
    return SearchQuery(regexes=(Regex(pattern, flags, field),))


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A part that can only stand beside the others, not inside OR, NOT (...) or parentheses."""

    part: Regex | Condition
    at: int


_Parsed = Node | _Leaf


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.terms = 0

    def read(self) -> SearchQuery:
        if not self._peek():
            return SearchQuery()
        parts = self._or(0)
        if self._peek():
            raise self._error("This ) closes nothing.", "Remove it.")
        words: list[Node] = []
        leaves: list[Regex | Condition] = []
        for part in parts:
            if isinstance(part, _Leaf):
                leaves.append(part.part)
            else:
                words.append(part)
        return SearchQuery(
            _joined(words) if words else None,
            tuple(leaf for leaf in leaves if isinstance(leaf, Regex)),
            tuple(leaf for leaf in leaves if not isinstance(leaf, Regex)),
        )

    # --- structure -------------------------------------------------------------------------

    def _or(self, depth: int) -> list[_Parsed]:
        """The parts of a conjunction; of several alternatives one ``Or`` is made."""
        if depth > limits.MAX_QUERY_DEPTH:
            raise self._error("The parentheses go too deep.", "Write it flatter.")
        start = self.at
        branches = [self._and(depth)]
        while self._word_is("OR"):
            self.at += 2
            branches.append(self._and(depth))
        if len(branches) == 1:
            return branches[0]
        return [Or(tuple(_joined(self._only_words(b, start, "beside OR")) for b in branches))]

    def _and(self, depth: int) -> list[_Parsed]:
        parts: list[_Parsed] = []
        while (next_ := self._peek()) and next_ != ")" and not self._word_is("OR"):
            if self._word_is("AND"):
                if not parts:
                    raise self._error("AND needs something before it.", 'The word: "and".')
                self.at += 3
                if not self._peek() or self._peek() == ")" or self._word_is("OR"):
                    raise self._error("AND needs something after it.", 'The word: "and".')
                continue
            parts.extend(self._not(depth))
        if not parts:
            what = (
                "OR needs something on both sides." if self._or_near() else "Nothing stands here."
            )
            raise self._error(what, "Remove it, or put words in quotes to search for them.")
        return parts

    def _or_near(self) -> bool:
        return self._word_is("OR") or self.text[: self.at].rstrip().endswith("OR")

    def _not(self, depth: int) -> list[_Parsed]:
        start = self.at
        negated = False
        while self._peek() == "-" or self._word_is("NOT"):
            self.at += 1 if self._peek() == "-" else 3
            negated = not negated
            if not self._peek() or self._peek() == ")":
                raise self._error("NOT needs something after it.", 'The word: "not".', start)
        parts = self._atom(depth)
        if not negated:
            return parts
        if len(parts) == 1 and isinstance(parts[0], _Leaf):
            leaf = parts[0].part
            if isinstance(leaf, Regex):
                raise self._error("A regular expression cannot stand after NOT.", "", start)
            return [_Leaf(replace(leaf, negated=True), start)]
        return [Not(_joined(self._only_words(parts, start, "after NOT, in parentheses")))]

    def _atom(self, depth: int) -> list[_Parsed]:
        start = self.at
        if self._peek() == "(":
            self.at += 1
            inside = self._or(depth + 1)
            if self._peek() != ")":
                raise self._error("This ( is not closed.", "Add a ).", start)
            self.at += 1
            return inside
        field, name = None, self._name()
        if name in FIELDS:
            field = name
            if self.text[self.at] == "(":
                inside = self._atom(depth)
                return [_within(n, field) for n in self._only_words(inside, start, f"in {field}:")]
        elif name is not None:
            return [_Leaf(self._condition(name, start), start)]
        here = self.text[self.at]
        if here == "/":
            return [_Leaf(self._regex(field), start)]
        return [self._term(field)]

    # --- leaves ----------------------------------------------------------------------------

    def _term(self, field: str | None) -> Term:
        start = self.at
        quoted = self.text[start] in _OPEN_QUOTES
        raw = self._quoted() if quoted else self._bare()
        prefix = raw.endswith("*")
        if quoted:
            prefix = self.text[self.at : self.at + 1] == "*"
            self.at += prefix
            if raw.endswith("*"):  # "so the*" means the same as "so the"*
                prefix = True
        words = words_of(raw)
        if not words:
            raise self._error(
                f"There is no word in {raw[:40]!r}: a search looks for letters, digits and symbols"
                " that are not ASCII.",
                "Punctuation is found with a regular expression, such as /\\+\\+/.",
                start,
            )
        self.terms += len(words)
        if self.terms > limits.MAX_QUERY_TERMS:
            raise self._error(
                f"A search has at most {limits.MAX_QUERY_TERMS} words.", "Leave some out.", start
            )
        return Term(words, prefix, field)

    def _regex(self, field: str | None) -> Regex:
        start = self.at
        end, inside_class = start + 1, False
        while end < len(self.text) and (self.text[end] != "/" or inside_class):
            here = self.text[end]
            inside_class = here == "[" or (inside_class and here != "]")
            end += 2 if here == "\\" else 1
        if end >= len(self.text):
            raise self._error(
                "A regular expression ends with a /.",
                'To search for a path, put it in quotes: "/usr/bin".',
                start,
            )
        pattern = self.text[start + 1 : end].replace("\\/", "/")
        match = _FLAGS.match(self.text, end + 1)
        flags = match[0] if match else ""
        self.at = end + 1 + len(flags)
        wrong = [flag for flag in flags if flag not in "ims"]
        if wrong or not pattern:
            raise self._error(
                f"{wrong[0]!r} is no flag of a regular expression."
                if wrong
                else "Nothing is in //.",
                "Write /pattern/ or /pattern/i (i: case ignored, m: ^ and $ at lines, s: . matches"
                " line ends); put other text with a / in quotes.",
                start,
            )
        return Regex(pattern, "".join(sorted(set(flags))), field)

    def _condition(self, name: str, start: int) -> Condition:
        if name == "label":
            label = self._value("@,")
            return read_finding(label, self._rest(), start)
        if name == "metric":
            return read_metric(self._rest(), start)
        value = self._value("")
        allowed = {"verdict": _VERDICTS, "ending": _ENDINGS}.get(name)
        value = value.replace("-", " ").replace("_", " ").lower() if name == "verdict" else value
        if allowed and value.lower() not in allowed:
            raise self._error(
                f"{name}: cannot be {value[:40]!r}.", f"Use: {', '.join(allowed)}.", start
            )
        return HasFact(name, value.lower() if allowed else value)

    # --- characters ------------------------------------------------------------------------

    def _peek(self) -> str:
        """The next character after white space; '' at the end."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def _word_is(self, word: str) -> bool:
        self._peek()
        after = self.text[self.at + len(word) : self.at + len(word) + 1]
        return self.text.startswith(word, self.at) and (
            not after or after.isspace() or after in "()"
        )

    def _name(self) -> str | None:
        match = _NAME.match(self.text, self.at)
        if match is None:
            return None
        name = match[1].lower()
        if name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, 1, 0.75)
            if near:
                raise self._error(
                    f"There is no {name}:.",
                    f"Did you mean {near[0]}:? Or quote it to search for it.",
                )
            return None
        self.at = match.end()
        return name

    def _quoted(self) -> str:
        start = self.at
        parts = []
        at = start + 1
        while at < len(self.text) and self.text[at] not in _CLOSE_QUOTES:
            if self.text[at] == "\\" and self.text[at + 1 : at + 2] in ('"', "\\"):
                at += 1
            parts.append(self.text[at])
            at += 1
        if at >= len(self.text):
            raise self._error("This quotation is not closed.", 'Add a ".', start)
        self.at = at + 1
        return "".join(parts)

    def _bare(self) -> str:
        start = self.at
        while self.at < len(self.text) and not (
            self.text[self.at].isspace() or self.text[self.at] in '()"“”'
        ):
            self.at += 1
        self.at += self.at == start  # a stray quotation mark
        return self.text[start : self.at]

    def _value(self, stops: str) -> str:
        if self.text[self.at] in _OPEN_QUOTES:
            return self._quoted()
        start = self.at
        while (
            self.at < len(self.text)
            and not self.text[self.at].isspace()
            and self.text[self.at] not in f"(){stops}"
        ):
            self.at += 1
        if self.at == start:
            raise self._error("A value has to follow the colon.", "Write NAME:value.", start)
        return self.text[start : self.at]

    def _rest(self) -> str:
        """What follows up to white space that is not within quotes."""
        start = self.at
        while self.at < len(self.text) and not self.text[self.at].isspace():
            if self.text[self.at] == ")":
                break
            if self.text[self.at] in _OPEN_QUOTES:
                self._quoted()
            else:
                self.at += 1
        return self.text[start : self.at]

    def _only_words(self, parts: list[_Parsed], start: int, where: str) -> list[Node]:
        nodes: list[Node] = []
        for part in parts:
            if isinstance(part, _Leaf):
                raise self._error(
                    f"Conditions and regular expressions cannot stand {where}.",
                    "Write them side by side: all of them have to hold.",
                    part.at,
                )
            nodes.append(part)
        return nodes

    def _error(self, message: str, remedy: str = "", at: int | None = None) -> SearchSyntaxError:
        place = self.at if at is None else at
        return SearchSyntaxError(
            f"At character {place + 1}: {message}", remedy=remedy, position=place
        )


def _joined(parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else (part,))
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def _within(node: Node, field: str) -> Node:
    """The node with every term restricted to a field, unless it has one of its own."""
    if isinstance(node, Term):
        return node if node.field else replace(node, field=field)
    if isinstance(node, Not):
        return Not(_within(node.part, field))
    return replace(node, parts=tuple(_within(part, field) for part in node.parts))
