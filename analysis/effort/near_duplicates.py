"""Questions that say nearly the same: proposed to a person, never put together silently.

Candidates share a rare word-run (blocking by the rarest shingles of each question), and only they
are compared, with RapidFuzz's token-sort ratio. Work grows with the number of questions: a shingle
that more than ``MOST_IN_BLOCK`` questions share, a template's words, makes no candidates.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 90.0
"""Similarity from which a pair is proposed, of 100."""
MOST_IN_BLOCK = 30
_SHINGLE = 3
_RAREST = 8
_MOST_CHARS = 4_000
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Near:
    """Two questions (places in the list given) that may be one."""

    a: int
    b: int
    similarity: float
    """0 to 100."""
    same_numbers: bool
    """Whether both have the same numbers: a template with other numbers is another question."""


def near_duplicates(texts: Sequence[str | None], least: float = LEAST) -> list[Near]:
    """Pairs of texts that are at least ``least`` alike but not the same, most alike first."""
    from rapidfuzz.fuzz import token_sort_ratio

    words = [_WORD.findall((t or "")[:_MOST_CHARS].casefold()) for t in texts]
    plain = [" ".join(w) for w in words]
    found = []
    for a, b in sorted(_candidates(words)):
        score = token_sort_ratio(plain[a], plain[b], score_cutoff=least)
        if score:
            same = _NUMBER.findall(plain[a]) == _NUMBER.findall(plain[b])
            found.append(Near(a, b, round(float(score), 1), same))
    found.sort(key=lambda n: (not n.same_numbers, -n.similarity, n.a, n.b))
    return found


def _candidates(words: Sequence[Sequence[str]]) -> set[tuple[int, int]]:
    shingles = [_shingles(w) for w in words]
    times = Counter(s for some in shingles for s in some)
    blocks: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, some in enumerate(shingles):
        shared = sorted(
            (s for s in some if 1 < times[s] <= MOST_IN_BLOCK), key=lambda s: (times[s], s)
        )
        for s in shared[:_RAREST]:
            blocks[s].append(i)
    return {
        (a, b) for block in blocks.values() for n, a in enumerate(block) for b in block[n + 1 :]
    }


def _shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    if len(words) < _SHINGLE:
        return {tuple(words)} if words else set()
    return {tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}
