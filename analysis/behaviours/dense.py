"""Numbers about each sentence: its place, its marks, and what it repeats of what came before."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.tokens import (
    DIGIT,
    LETTER,
    U64,
    Ints,
    Tokens,
    code_points,
    hash_set,
    in_set,
    tokenize,
    word_hash,
)

Floats = NDArray[np.float64]

DENSE: tuple[str, ...] = (
    "place",
    "index",
    "sentences",
    "length",
    "tokens",
    "is first",
    "is last",
    "place in paragraph",
    "paragraph starts",
    "paragraph ends",
    "numbers",
    "digit share",
    "formula marks",
    "foreign share",
    "capitals",
    "begins lower",
    "begins with digit",
    "begins with mark",
    "asks",
    "exclaims",
    "ends in colon",
    "ends in full stop",
    "trails off",
    "equations",
    "new words",
    "repeated words",
    "words from far",
    "words from the two before",
    "new numbers",
    "numbers from far",
    "numbers from the two before",
    "triples seen",
    "triples from far",
    "seen whole",
    "result seen",
    "words of the question",
    "numbers of the question",
    "says answer",
    "answers before",
    "since an answer",
    "boxed before",
    "last tenth",
    "questions before",
    "since a question",
)
FAR = 6
"""More than so many sentences back is far."""
_MAX_QUESTION = 20_000
_M = np.uint64(0x9FB21C651E98DF25)


@cache
def _char_counts() -> U64:
    """For each character four 16-bit counters: line breaks, formula marks, foreign, capitals."""
    table = np.zeros(1 << 16, np.uint64)
    table[128:] = 1 << 32
    for char in "$\\^_=+*/<>{}()[]|-−×·÷≤≥≠√π":
        table[ord(char)] += np.uint64(1 << 16)
    for code in range(ord("A"), ord("Z") + 1):
        table[code] = np.uint64(1 << 48)
    table[ord("\n")] = 1
    return table


@cache
def _words() -> dict[str, np.uint64]:
    return {word: np.uint64(word_hash(word)) for word in ("answer", "boxed", "final", "=")}


def dense_features(
    codes: NDArray[np.uint32],
    starts: Ints,
    ends: Ints,
    tokens: Tokens,
    owner: Ints,
    question: str | None,
) -> NDArray[np.float32]:
    """One row of ``DENSE`` for each sentence; ``owner`` is the sentence of each token."""
    count = len(starts)
    if not count:
        return np.zeros((0, len(DENSE)), np.float32)
    columns: dict[str, Floats | NDArray[np.bool_] | Ints] = {}
    number = np.bincount(owner, minlength=count)
    last = np.cumsum(number) - 1
    _places(columns, starts, ends, number)
    _characters(columns, codes, starts, ends)
    _edges(columns, codes, starts, tokens, number, last)
    _history(columns, tokens, owner, number, question)
    _answers(columns, tokens, owner, count)
    return np.stack([np.asarray(columns[name], np.float32) for name in DENSE], axis=1)


def _places(
    columns: dict[str, Floats | NDArray[np.bool_] | Ints], starts: Ints, ends: Ints, number: Ints
) -> None:
    """Where the sentence stands in the trace, and how long it is."""
    count = len(starts)
    index = np.arange(count)
    columns["place"] = starts / max(1, int(ends[-1]))
    columns["index"] = np.log1p(index) / 6
    columns["sentences"] = np.full(count, np.log1p(count) / 7)
    columns["length"] = np.log1p(ends - starts) / 6
    columns["tokens"] = np.log1p(number) / 4
    columns["is first"] = index < 2
    columns["is last"] = index >= count - 2
    columns["last tenth"] = columns["place"] > 0.9


def _characters(
    columns: dict[str, Floats | NDArray[np.bool_] | Ints],
    codes: NDArray[np.uint32],
    starts: Ints,
    ends: Ints,
) -> None:
    """Counts of characters, and the paragraphs that line breaks make."""
    count = len(starts)
    counts = np.add.reduceat(_char_counts()[codes], starts)
    low = np.uint64(0xFFFF)
    size = np.maximum(ends - starts, 1)
    breaks = (counts & low).astype(np.int64)
    columns["formula marks"] = (counts >> np.uint64(16) & low) / size
    columns["foreign share"] = (counts >> np.uint64(32) & low) / size
    columns["capitals"] = (counts >> np.uint64(48)) / size
    closes = breaks >= 2
    opens = np.concatenate([[True], closes[:-1]])
    columns["paragraph ends"] = closes
    columns["paragraph starts"] = opens
    index = np.arange(count)
    columns["place in paragraph"] = (
        np.log1p(index - np.maximum.accumulate(np.where(opens, index, 0))) / 3
    )


def _edges(
    columns: dict[str, Floats | NDArray[np.bool_] | Ints],
    codes: NDArray[np.uint32],
    starts: Ints,
    tokens: Tokens,
    number: Ints,
    last: Ints,
) -> None:
    """How the sentence begins and ends."""
    some = number > 0
    first = np.where(some, last - number + 1, 0)
    final = np.where(some, last, 0)
    if not len(tokens.start):
        for name in ("begins lower", "begins with digit", "begins with mark", "asks", "exclaims"):
            columns[name] = np.zeros(len(starts))
        for name in ("ends in colon", "ends in full stop", "trails off"):
            columns[name] = np.zeros(len(starts))
        return
    char = codes[tokens.start[first]]
    kind = tokens.kind[first]
    columns["begins lower"] = some & (char >= 97) & (char <= 122)
    columns["begins with digit"] = some & (kind == DIGIT)
    columns["begins with mark"] = some & (kind > DIGIT)
    close = codes[tokens.end[final] - 1]
    before = codes[np.maximum(tokens.end[final] - 2, 0)]
    columns["asks"] = some & ((close == ord("?")) | (close == ord("？")))
    columns["exclaims"] = some & (close == ord("!"))
    columns["ends in colon"] = some & (close == ord(":"))
    columns["ends in full stop"] = some & ((close == ord(".")) | (close == ord("。")))
    columns["trails off"] = some & (((close == 46) & (before == 46)) | (close == ord("…")))


def _previous(hashes: U64) -> Ints:
    """For each value the index where it stood last before, or -1."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    out = np.full(len(hashes), -1, np.int64)
    same = ordered[1:] == ordered[:-1]
    out[order[1:][same]] = order[:-1][same]
    return out


def _shares(flags: NDArray[np.bool_], owner: Ints, whole: Ints) -> Floats:
    """Share of each sentence's items that are flagged; 0 where it has none."""
    return np.bincount(owner[flags], minlength=len(whole)) / np.maximum(whole, 1)


def _history(
    columns: dict[str, Floats | NDArray[np.bool_] | Ints],
    tokens: Tokens,
    owner: Ints,
    number: Ints,
    question: str | None,
) -> None:
    """What was said before, and how far back."""
    count = len(number)
    hashes = tokens.hash
    previous = _previous(hashes)
    gap = np.where(previous >= 0, owner - owner[previous], -1)
    digits = tokens.kind == DIGIT
    word = (tokens.kind == LETTER) & (tokens.end - tokens.start > 3)
    asked = np.zeros(len(hashes), bool)
    if question:
        known = tokenize(code_points(question[:_MAX_QUESTION])).hash
        asked = in_set(hashes, hash_set(known))
    for mask, name in ((word, "words"), (digits, "numbers")):
        mine, gaps = owner[mask], gap[mask]
        whole = np.bincount(mine, minlength=count)
        columns[f"new {name}"] = _shares(gaps < 0, mine, whole)
        columns[f"{name} from far"] = _shares(gaps > FAR, mine, whole)
        columns[f"{name} from the two before"] = _shares((gaps > 0) & (gaps < 3), mine, whole)
        columns[f"{name} of the question"] = _shares(asked[mask], mine, whole)
        if name == "words":
            columns["repeated words"] = _shares(gaps >= 0, mine, whole)
        else:
            columns["numbers"] = np.minimum(whole, 20) / 10
            columns["digit share"] = whole / np.maximum(number, 1)
    equals = hashes == _words()["="]
    columns["equations"] = np.minimum(np.bincount(owner[equals], minlength=count), 6) / 3
    after = np.zeros(len(hashes), bool)
    after[1:] = equals[:-1]
    results = digits & after
    columns["result seen"] = np.bincount(owner[results & (gap >= 2)], minlength=count) > 0
    _repeats(columns, hashes, owner, count)


def _repeats(
    columns: dict[str, Floats | NDArray[np.bool_] | Ints], hashes: U64, owner: Ints, count: int
) -> None:
    """Triples of tokens and whole sentences that stood before."""
    if len(hashes) > 2:
        triple = (hashes[:-2] * _M + hashes[1:-1]) * _M + hashes[2:]
        inside = owner[:-2] == owner[2:]
        triple, mine = triple[inside], owner[:-2][inside]
    else:
        triple, mine = hashes[:0], owner[:0]
    previous = _previous(triple)
    gap = np.where(previous >= 0, mine - mine[previous], -1) if len(mine) else mine
    whole = np.bincount(mine, minlength=count)
    columns["triples seen"] = _shares(gap > 0, mine, whole)
    columns["triples from far"] = _shares(gap > FAR, mine, whole)
    sums = np.zeros(len(mine) + 1, np.uint64)
    np.cumsum(triple, out=sums[1:])
    edge = np.cumsum(whole)
    same = _previous(sums[edge] - sums[edge - whole])
    columns["seen whole"] = (same >= 0) & (whole > 2)


def _answers(
    columns: dict[str, Floats | NDArray[np.bool_] | Ints], tokens: Tokens, owner: Ints, count: int
) -> None:
    """Candidate answers and questions that stand before the sentence, and how long ago."""
    words = _words()
    index = np.arange(count)
    says = np.bincount(owner[tokens.hash == words["answer"]], minlength=count) > 0
    boxed = np.bincount(owner[tokens.hash == words["boxed"]], minlength=count) > 0
    columns["says answer"] = says
    columns["boxed before"] = np.greater(np.cumsum(boxed) - boxed, 0)
    asks = np.asarray(columns["asks"], bool)
    for flags, total, since in (
        (says | boxed, "answers before", "since an answer"),
        (asks, "questions before", "since a question"),
    ):
        columns[total] = np.log1p(np.cumsum(flags) - flags) / 3
        seen = np.maximum.accumulate(np.where(flags, index, -1))
        before = np.concatenate([[-1], seen[:-1]])
        columns[since] = np.where(before >= 0, np.log1p(index - before) / 5, 1.5)
