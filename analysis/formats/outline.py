"""What of a record its reading depends on, and what merely passes through.

Records of one file are read alike: the same keys, the same kinds of values, other texts. An
*outline* is all that the readers may look at: keys and their order, kinds of values, words that
mean something, marks of reasoning with the white space around them, which texts are equal. What is
left, the *free* values, are passages without any mark, plain words such as ids, and numbers. Two
records with the same outline differ only in their free values, and so do their traces
(``plans``).

``outline`` is careful: what it cannot tell to be free is part of the outline, and a record whose
texts are related otherwise than by being equal has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

from analysis.formats import passages
from analysis.formats.aliases import ALIASES, MESSAGE_KEYS, REASONING_KEYS, RESPONSE_KEYS, SWITCHES
from analysis.formats.fields import as_time, snake
from analysis.formats.markers import PREFILLS, SUMMARISED, UNMARKED
from analysis.formats.numbers import number_kind
from analysis.formats.passages import NoOutlineError
from analysis.formats.words import vocabulary

MOST_NODES = 400
"""Records with more values are data rather than columns."""
SHORT = 61
"""Texts below this length are words; an effort label has at most 60 characters."""
COPIED = 16
"""From this length on a text is compared with the others of its record."""
_LONGEST_LITERAL = 4000
_LISTED_NUMBERS = 32
_PLAIN = re.compile(r"[^\W_](?:[\w.:+=@#,;!?()$^%& -]|/(?!no|think))*(?<! )")
_NUMERIC = re.compile(r"[\d.,_eE+\- ]+")
_EFFORTS = re.compile(r"minimal|low|medium|high|effort|reasoning|think", re.IGNORECASE)
_SYSTEM = frozenset((*ALIASES["system_prompt"], "instructions", "system_instruction", "developer"))
_ROLES = ("role", "from", "author", "sender")
_SYSTEM_ROLES = frozenset(("system", "developer"))
_CONTROL = frozenset(
    (*_ROLES, "type", "object", "kind", "key", "name", "status", "status_code", "code", "http_status", "version",
     "schema_version", "format", "event", "level", "done", "stage", "label", "gold_index", "epoch", "step", "channel",
     "mode", "state", "reason", "lc", "finish", "signature_type", "answer_type", "annotator", "matrix", "schema")
)  # fmt: skip
"""Keys whose values say what an object is."""
_LABELS = frozenset(
    name
    for key in ("model", "provider", "effort", "finish_reason", "checkpoint", "target_language", "dataset",
                "error", "correct", "model_inferred")
    for name in ALIASES[key]
) | {"engine", "source", "vendor"}  # fmt: skip
_COUNTS = frozenset(
    name
    for key in ("prompt_tokens", "completion_tokens", "reasoning_tokens")
    for name in ALIASES[key]
) | {"input", "output", "reasoning", "total", "prompt", "completion", "response", "thinking"}
_TEXTS = frozenset((*REASONING_KEYS, *RESPONSE_KEYS, *MESSAGE_KEYS, "answer", "solution", "text"))
_SAID = frozenset(
    name for key in ("external_id", "question_id", "question", "gold_answer", "extracted_answer")
    for name in ALIASES[key]
) | _TEXTS  # fmt: skip
"""Keys of ids, questions and answers, whose short texts may be anything."""
_THOUGHT = re.compile(
    r"reason|think|thought|cot|rationale|monolog|scratch|deliberat|traject|summary|step|trace|chain"
    r"|text|思|推理"
)
"""Names under which reasoning may stand."""

FREE, LITERAL, LABEL, COUNT = range(4)
Token = Any
"""A part of an outline: hashable, and the same only where readers see the same."""


@dataclass(slots=True)
class Outline:
    """A record without its free values, and these in the order in which they stand."""

    tokens: list[Token] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)
    """Texts that hold something free."""
    passages: list[str] = field(default_factory=list)
    """Free passages and words; equal ones once."""
    numbers: list[int | float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    """Which numbers count tokens."""
    thought: list[int] = field(default_factory=list)
    """Passages under names that may be those of reasoning."""
    spoken: list[int] = field(default_factory=list)
    """Passages under names that may be those of a response."""
    words: list[str] = field(default_factory=list)
    """Other texts under names of reasoning, without the space around them."""
    signs: dict[str, list[int]] = field(default_factory=dict)
    """How passages begin."""

    def passage(self, text: str) -> int:
        """The number of a passage. Raises ``NoOutlineError`` for one that is related to another."""
        sign = passages.sign_of(text)
        others = self.signs.get(sign)
        index = len(self.passages)
        if others is None:
            self.signs[sign] = [index]
        else:
            for other in others:
                if self.passages[other] == text:
                    return other
                passages.require_unrelated(self.passages[other], text)
            others.append(index)
        self.passages.append(text)
        return index


def outline(value: Any) -> Outline | None:
    """The outline of a JSON value; None for a value that is to be read by itself."""
    found = Outline()
    try:
        _object(value, FREE, found)
        found.tokens.append(_ranks(found))
        passages.require_no_copies(found.passages, found.thought, found.spoken)
        passages.require_absent(found.words, found.passages, found.spoken)
    except NoOutlineError:
        return None
    return found


@dataclass(frozen=True, slots=True)
class _Column:
    """What the name of a key says of its values."""

    name: str
    policy: int
    thought: bool
    spoken: bool

    def literal(self) -> _Column:
        return replace(self, policy=LITERAL)


@lru_cache(maxsize=1024)
def _columns(keys: tuple[str, ...]) -> tuple[str | None, tuple[_Column, ...]]:
    """The key that names a role, and what is known of each key of an object."""
    role = next((key for key in _ROLES if key in keys), None)
    return role, tuple(_column(snake(key[:100])) for key in keys)


def _column(name: str) -> _Column:
    thought = _THOUGHT.search(name) is not None
    spoken = not thought or any(word in name for word in ("text", "output", "response"))
    return _Column(name, _policy(name), thought, spoken)


@lru_cache(maxsize=1024)
def _literally(columns: tuple[_Column, ...]) -> tuple[_Column, ...]:
    return tuple(column.literal() for column in columns)


def _policy(name: str) -> int:
    if name in _SYSTEM or name in _CONTROL:
        return LITERAL
    if name in _LABELS:
        return LABEL
    return COUNT if name in _COUNTS or "token" in name or "count" in name else FREE


def _object(node: Mapping[str, Any], policy: int, found: Outline) -> None:
    keys = tuple(node)
    found.tokens.append(keys)
    if len(found.tokens) + len(keys) > MOST_NODES:
        raise NoOutlineError
    role, columns = _columns(keys)
    if policy == LITERAL or (role is not None and _is_system(node[role])):
        columns = _literally(columns)
    for column, value in zip(columns, node.values(), strict=True):
        kind = type(value)
        if kind is str:
            _text(value, column, found, listed=False)
        elif kind is dict:
            _object(value, column.policy, found)
        else:
            _other(value, column, found)


def _other(node: Any, column: _Column, found: Outline) -> None:
    """Numbers, lists and the values that are told by themselves."""
    kind = type(node)
    if node is None or kind is bool:
        found.tokens.append(node)
    elif kind is int or kind is float:
        _number(node, column, found)
    elif kind is list:
        found.tokens.append(("[", len(node)))
        if len(node) + len(found.tokens) > MOST_NODES:
            raise NoOutlineError
        for item in node:
            if type(item) is str:
                _text(item, column, found, listed=True)
            elif type(item) is dict:
                _object(item, column.policy, found)
            else:
                _other(item, column, found)
    else:
        raise NoOutlineError


def _is_system(role: Any) -> bool:
    return isinstance(role, str) and role.strip().lower() in _SYSTEM_ROLES


def _text(text: str, column: _Column, found: Outline, *, listed: bool) -> None:
    policy = column.policy
    if policy == LITERAL or not text:
        _literal(text, column, found)
    elif len(text) >= SHORT:
        body = passages.plain(text)
        if body is not None:
            _kept(text, "text", body, column, found)
        else:
            _marked(text, column, found)
    elif listed and column.name not in _SAID:
        _literal(text, column, found)
    elif column.name in _SAID and (body := _said(text)) is not None:
        _kept(text, "text", body, column, found)
    elif (kind := word_kind(text) if policy != LABEL else _label_kind(text)) is not None:
        _kept(text, kind, text, column, found)
    else:
        _literal(text, column, found)


def _kept(text: str, kind: str, body: str, column: _Column, found: Outline) -> None:
    """Take a text of which ``body`` is free."""
    known = len(found.passages)
    index = found.passage(body)
    # Of texts that stand twice the longer ones are kept once: ``draft`` tells them by their length.
    found.tokens.append((kind, index) if index == known else (kind, index, len(body) >= COPIED))
    found.leaves.append(text)
    if column.thought:
        found.thought.append(index)
    if column.spoken:
        found.spoken.append(index)


def _marked(text: str, column: _Column, found: Outline) -> None:
    pieces = passages.pieces_of(text)
    if pieces is None:
        raise NoOutlineError
    indices = tuple([found.passage(part) for part in pieces.passages])
    found.tokens.append(("marked", pieces.marks, indices))
    found.leaves.append(text)
    if column.thought:
        found.thought += indices
    if column.spoken:
        found.spoken += indices


def _literal(text: str, column: _Column, found: Outline) -> None:
    if len(text) > _LONGEST_LITERAL:
        raise NoOutlineError
    if column.thought and column.policy in (FREE, COUNT):
        word = text.strip()
        if word and word.lower() not in SWITCHES:
            found.words.append(word)
    found.tokens.append(text)


def word_kind(text: str) -> str | None:
    """What kind of word a short text is; None for one that may mean something by itself."""
    if "0" <= text[0] <= "9":
        if text.isdigit() and text.isascii():
            usual = len(text) < 10 and text[0] != "0" and text != "1"
            return "digits" if usual and (len(text) < 7 or as_time(text) is None) else None
        if len(text) >= 7 and as_time(text) is not None:
            return "moment"
        if _NUMERIC.fullmatch(text):
            return None
    elif len(text) < 2 or text[0].isdecimal() or text.lower() in vocabulary():
        return None
    if not _PLAIN.fullmatch(text) or passages.begins_something(text):
        return None
    return "word"


def _said(text: str) -> str | None:
    """A short text of a question or an answer, if it is one passage that means nothing."""
    if len(text) < 2 or _NUMERIC.fullmatch(text) or text.strip().lower() in vocabulary():
        return None
    if text[0].isdecimal() and as_time(text) is not None:
        return None
    return passages.plain(text)


@lru_cache(maxsize=4096)
def _label_kind(text: str) -> str | None:
    """``word_kind`` of a label, of which some are known."""
    known = ("/" in text, *(p.search(text) for p in (PREFILLS, UNMARKED, SUMMARISED, _EFFORTS)))
    kind = None if any(known) else word_kind(text)
    return kind if kind == "word" else None


def _number(number: int | float, column: _Column, found: Outline) -> None:
    kind = number_kind(number)
    small = column.name == "index" and number < _LISTED_NUMBERS
    if kind is None or column.policy in (LITERAL, LABEL) or small:
        found.tokens.append((1, repr(number)))
        return
    if column.policy == COUNT and type(number) is int:
        found.counts.append(len(found.numbers))
    found.tokens.append((0, kind))
    found.numbers.append(number)


_FEW_COUNTS = 6


def _ranks(found: Outline) -> tuple[int, ...]:
    """The order of the counts of tokens, which tells whether they can be true."""
    counts = [found.numbers[i] for i in found.counts]
    if len(counts) < 2:
        return ()
    order = sorted(set(counts))
    if len(order) > _FEW_COUNTS:
        raise NoOutlineError
    for size in range(3, len(order)):
        if any(sum(some) in order for some in combinations(order, size)):
            raise NoOutlineError  # a total that takes the reasoning in beside the completion
    return tuple([order.index(count) for count in counts])
