"""Numbers about each sentence: its place, its marks, and what it repeats of what came before."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.block import Block
from analysis.behaviours.history import of_text, previous
from analysis.behaviours.tokens import (
    DIGIT,
    LETTER,
    U64,
    Ints,
    Tokens,
    code_points,
    hash_set,
    set_slots,
    tokenize,
    word_hash,
)

Floats = NDArray[np.float64]
Columns = dict[str, Floats | NDArray[np.bool_] | Ints]

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
    block: Block, codes: NDArray[np.uint32], tokens: Tokens, owner: Ints
) -> NDArray[np.float32]:
    """One row of ``DENSE`` for each sentence; ``owner`` is the sentence of each token."""
    if not block.count:
        return np.zeros((0, len(DENSE)), np.float32)
    columns: Columns = {}
    number = np.bincount(owner, minlength=block.count)
    _places(columns, block, number)
    _characters(columns, block, codes)
    _edges(columns, block, codes, tokens, number)
    _history(columns, block, tokens, owner, number)
    _repeats(columns, block, tokens.hash, owner)
    _answers(columns, block, tokens, owner)
    rows = np.empty((len(DENSE), block.count), np.float32)
    for row, name in zip(rows, DENSE, strict=True):
        row[:] = columns[name]
    return np.ascontiguousarray(rows.T)


def _places(columns: Columns, block: Block, number: Ints) -> None:
    """Where the sentence stands in its text, and how long it is."""
    index = block.index
    shift = block.offset.take(block.trace)
    count = np.diff(block.first)
    some = count > 0
    whole = np.ones(len(count), np.int64)
    whole[some] = np.maximum(1, (block.ends - shift).take(block.first[1:][some] - 1))
    columns["place"] = (block.starts - shift) / whole.take(block.trace)
    columns["index"] = np.log1p(index) / 6
    columns["sentences"] = (np.log1p(count) / 7).take(block.trace)
    columns["length"] = np.log1p(block.ends - block.starts) / 6
    columns["tokens"] = np.log1p(number) / 4
    columns["is first"] = index < 2
    columns["is last"] = index >= count.take(block.trace) - 2
    columns["last tenth"] = columns["place"] > 0.9


def _characters(columns: Columns, block: Block, codes: NDArray[np.uint32]) -> None:
    """Counts of characters, and the paragraphs that line breaks make."""
    counts = np.add.reduceat(_char_counts().take(codes), block.starts)
    low = np.uint64(0xFFFF)
    size = np.maximum(block.ends - block.starts, 1)
    columns["formula marks"] = (counts >> np.uint64(16) & low) / size
    columns["foreign share"] = (counts >> np.uint64(32) & low) / size
    columns["capitals"] = (counts >> np.uint64(48)) / size
    closes = (counts & low) >= 2
    opens = np.ones(block.count, np.bool_)
    opens[1:] = closes[:-1] | ~block.same(1)
    columns["paragraph ends"] = closes
    columns["paragraph starts"] = opens
    index = np.arange(block.count)
    columns["place in paragraph"] = (
        np.log1p(index - np.maximum.accumulate(np.where(opens, index, 0))) / 3
    )


def _edges(
    columns: Columns, block: Block, codes: NDArray[np.uint32], tokens: Tokens, number: Ints
) -> None:
    """How the sentence begins and ends."""
    names = ("begins lower", "begins with digit", "begins with mark", "asks", "exclaims",
             "ends in colon", "ends in full stop", "trails off")  # fmt: skip
    if not len(tokens.start):
        columns.update(dict.fromkeys(names, np.zeros(len(number))))
        return
    some = number > 0
    last = np.cumsum(number) - 1
    first = np.where(some, last - number + 1, 0)
    final = np.where(some, last, 0)
    char = codes.take(tokens.start.take(first))
    kind = tokens.kind.take(first)
    end = tokens.end.take(final)
    close = codes.take(end - 1)
    before = codes.take(np.maximum(end - 2, block.offset.take(block.trace)))
    found = (
        (char >= 97) & (char <= 122),
        kind == DIGIT,
        kind > DIGIT,
        (close == ord("?")) | (close == ord("？")),
        close == ord("!"),
        close == ord(":"),
        (close == ord(".")) | (close == ord("。")),
        ((close == 46) & (before == 46)) | (close == ord("…")),
    )
    for name, flags in zip(names, found, strict=True):
        columns[name] = some & flags


def _shares(flags: NDArray[np.bool_], owner: Ints, whole: Ints) -> Floats:
    """Share of each sentence's items that are flagged; 0 where it has none."""
    found = np.bincount(owner.take(np.flatnonzero(flags)), minlength=len(whole))
    return found / np.maximum(whole, 1)


def _asked(block: Block, tokens: Tokens, owner: Ints) -> NDArray[np.bool_]:
    """Which tokens are in the question of their text."""
    out = np.zeros(len(tokens.hash), bool)
    texts = [(question or "")[:_MAX_QUESTION] for question in block.questions]
    if not any(texts):
        return out
    edge = np.cumsum([0, *(len(text) + 1 for text in texts)])
    asked = tokenize(code_points("\0".join(texts)))
    asked_edge = np.searchsorted(asked.start, edge).tolist()
    asked_slots, slots = set_slots(asked.hash), set_slots(tokens.hash)
    edges = np.searchsorted(owner, block.first).tolist()
    table = hash_set(asked.hash[:0])
    for number, text in enumerate(texts):
        if text:
            known = asked_slots[asked_edge[number] : asked_edge[number + 1]]
            table[known] = True
            low, high = edges[number], edges[number + 1]
            out[low:high] = table.take(slots[low:high])
            table[known] = False
    return out


def _history(columns: Columns, block: Block, tokens: Tokens, owner: Ints, number: Ints) -> None:
    """What was said before, and how far back."""
    count = block.count
    digits = tokens.kind == DIGIT
    equals = tokens.hash == _words()["="]
    asked = _asked(block, tokens, owner)
    word = (tokens.kind == LETTER) & (tokens.end - tokens.start > 3)
    told = np.flatnonzero(word | digits)
    mine = owner.take(told)
    before = previous(of_text(block, tokens.hash.take(told), mine))
    gap = np.where(before >= 0, mine - mine.take(before), -1)
    after = equals.take(told - 1) & (told > 0)
    number_of = digits.take(told)
    for flags, name in ((~number_of, "words"), (number_of, "numbers")):
        some = np.flatnonzero(flags)
        gaps, holder = gap.take(some), mine.take(some)
        whole = np.bincount(holder, minlength=count)
        columns[f"new {name}"] = _shares(gaps < 0, holder, whole)
        columns[f"{name} from far"] = _shares(gaps > FAR, holder, whole)
        columns[f"{name} from the two before"] = _shares((gaps > 0) & (gaps < 3), holder, whole)
        columns[f"{name} of the question"] = _shares(asked.take(told.take(some)), holder, whole)
        if name == "words":
            columns["repeated words"] = _shares(gaps >= 0, holder, whole)
        else:
            columns["numbers"] = np.minimum(whole, 20) / 10
            columns["digit share"] = whole / np.maximum(number, 1)
    results = np.flatnonzero(number_of & after & (gap >= 2))
    columns["result seen"] = _has(mine.take(results), count)
    columns["equations"] = (
        np.minimum(np.bincount(owner.take(np.flatnonzero(equals)), minlength=count), 6) / 3
    )


def _repeats(columns: Columns, block: Block, hashes: U64, owner: Ints) -> None:
    """Triples of tokens and whole sentences that stood before."""
    if len(hashes) > 2:
        triple = (hashes[:-2] * _M + hashes[1:-1]) * _M + hashes[2:]
        inside = np.flatnonzero(owner[:-2] == owner[2:])
        triple, mine = triple.take(inside), owner.take(inside)
    else:
        triple, mine = hashes[:0], owner[:0]
    before = previous(of_text(block, triple, mine))
    gap = np.where(before >= 0, mine - mine.take(before), -1) if len(mine) else mine
    whole = np.bincount(mine, minlength=block.count)
    columns["triples seen"] = _shares(gap > 0, mine, whole)
    columns["triples from far"] = _shares(gap > FAR, mine, whole)
    sums = np.zeros(len(mine) + 1, np.uint64)
    np.cumsum(triple, out=sums[1:])
    edge = np.cumsum(whole)
    own = sums.take(edge) - sums.take(edge - whole)
    same = previous(of_text(block, own, np.arange(block.count)))
    columns["seen whole"] = (same >= 0) & (whole > 2)


def _has(owner: Ints, count: int) -> NDArray[np.bool_]:
    found = np.zeros(count, np.bool_)
    found[owner] = True
    return found


def _answers(columns: Columns, block: Block, tokens: Tokens, owner: Ints) -> None:
    """Candidate answers and questions that stand before the sentence, and how long ago."""
    words, count = _words(), block.count
    index = np.arange(count)
    says, boxed = (
        _has(owner.take(np.flatnonzero(tokens.hash == words[name])), count)
        for name in ("answer", "boxed")
    )
    begins = block.first.take(block.trace)
    columns["says answer"] = says
    columns["boxed before"] = _before(boxed, begins) > 0
    asks = np.asarray(columns["asks"], bool)
    for flags, total, since in (
        (says | boxed, "answers before", "since an answer"),
        (asks, "questions before", "since a question"),
    ):
        columns[total] = np.log1p(_before(flags, begins)) / 3
        seen = np.maximum.accumulate(np.where(flags, index, -1))
        last = np.concatenate([[-1], seen[:-1]])
        columns[since] = np.where(last >= begins, np.log1p(index - last) / 5, 1.5)


def _before(flags: NDArray[np.bool_], begins: Ints) -> Ints:
    """How many sentences before each one of its text have the flag."""
    sums = np.zeros(len(flags) + 1, np.int64)
    np.cumsum(flags, out=sums[1:])
    return sums[:-1] - sums.take(begins)
