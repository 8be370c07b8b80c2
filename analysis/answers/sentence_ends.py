"""Which sentences end in a value or a choice, found for all of them at once.

Most sentences of a trace end in words. They are told by arrays of character classes, so that the
patterns that read values see only the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.model import Sentence

CHOICE_ENDS = 'ABCDEFGHIJ)"”'
"""What a sentence that points at a choice ends with."""
NEAR_END_CHARS = 36
"""How far before a sentence's end the last digit of its value may stand."""
_END_MARKS = " \n\t\r.。!！?？*✓✔,:;|"
_MARK, _DIGIT, _CHOICE = 1, 2, 4
_BEYOND = 0xFFFF


def _classes() -> NDArray[np.uint8]:
    """What each code point is; what stands beyond U+FFFF may be a digit."""
    table = np.zeros(_BEYOND + 1, dtype=np.uint8)
    for chars, bit in ((_END_MARKS, _MARK), (CHOICE_ENDS, _CHOICE)):
        table[[ord(char) for char in chars]] |= bit
    table[[code for code in range(_BEYOND) if chr(code).isdecimal()]] |= _DIGIT
    table[_BEYOND] = _DIGIT
    return table


_CLASSES = _classes()
_ASCII_CLASSES = _CLASSES[:256].tobytes()


def promising(text: str, sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    """Start and end, without the marks behind it, of each sentence that may end in a value.

    These have a digit near their end or a letter or bracket of a choice there. A few more than those
    may come; none is missing.
    """
    if not sentences or not text:
        return []
    classes = _classes_of(text)
    starts = np.fromiter((s.start for s in sentences), dtype=np.int64, count=len(sentences))
    ends = np.fromiter((s.end for s in sentences), dtype=np.int64, count=len(sentences))
    last = _last_before(np.flatnonzero((classes & _MARK) == 0), ends)
    digit = _last_before(np.flatnonzero(classes & _DIGIT), last + 1)
    chosen = (classes[last] & _CHOICE) != 0
    kept = (last >= starts) & (((digit >= starts) & (last - digit <= NEAR_END_CHARS)) | chosen)
    return list(zip(starts[kept].tolist(), (last[kept] + 1).tolist(), strict=True))


def _classes_of(text: str) -> NDArray[np.uint8]:
    if text.isascii():
        return np.frombuffer(text.encode("ascii").translate(_ASCII_CLASSES), dtype=np.uint8)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return _CLASSES.take(np.minimum(codes, _BEYOND))


def _last_before(places: NDArray[np.int64], limits: NDArray[np.int64]) -> NDArray[np.int64]:
    """The greatest of ``places`` (in order) that is less than each limit; -1 where there is none."""
    return np.concatenate(([-1], places))[np.searchsorted(places, limits)]
