"""Which sentences end in a value or a choice. Most sentences of a trace end in words.

Plain Python: it looks at the last characters of a sentence only, and on short traces arrays cost more
than they save.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analysis.model import Sentence

CHOICE_ENDS = frozenset('ABCDEFGHIJ)"”')
"""What a sentence that points at a choice ends with."""
NEAR_END_CHARS = 36
"""How far before a sentence's end the last digit of its value may stand."""
MAX_WORDS_AFTER = 4
"""How many words may follow that digit."""
_END_MARKS = " \n\t\r.。!！?？*✓✔,:;|"
_IS_END_MARK = frozenset(_END_MARKS)
_DIGITS = frozenset("0123456789")
_FOLLOWED = re.compile(
    rf"\d(?:[^\d\s]+(?:\s+[^\d\s]+){{0,{MAX_WORDS_AFTER - 1}}}|(?:\s+[^\d\s]+){{0,{MAX_WORDS_AFTER}}})\s*\Z"
)
"""A last digit and the few words behind it."""


def promising(text: str, sentences: Sequence[Sentence]) -> Iterator[tuple[int, int, bool]]:
    """Start and end, without the marks behind it, of each sentence that may end in a value.

    These have a digit near their end (then the third is true) or a letter or bracket of a choice there.
    """
    followed = _FOLLOWED.search
    for sentence in sentences:
        start, end = sentence.start, sentence.end
        while end > start and text[end - 1] in _IS_END_MARK:
            end -= 1
        if end == start:
            continue
        if text[end - 1] in _DIGITS:
            yield start, end, True
            continue
        low = end - NEAR_END_CHARS - 1
        near = followed(text, low if low > start else start, end) is not None
        if near or text[end - 1] in CHOICE_ENDS:
            yield start, end, near
