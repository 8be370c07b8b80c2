"""The quick look at sentence ends leaves out no sentence that ends in a value or a choice."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from analysis.answers import candidates, sentence_ends
from analysis.model import Sentence

PIECES = st.sampled_from(
    ["So x = 5", "12", "٣", "𝟏𝟎", "B)", "😀", " apples", ". ", "!", "。", "\n", "✓", " ", "C", "\ud800", "is 7 or so"]
)  # fmt: skip


@given(st.lists(st.lists(PIECES, max_size=12).map("".join), max_size=8))
def test_no_sentence_that_matters_is_left_out(parts: list[str]) -> None:
    text = "".join(parts)
    sentences, at = [], 0
    for part in parts:
        sentences.append(Sentence(len(sentences), at, at + len(part)))
        at += len(part)
    promising = list(sentence_ends.promising(text, sentences))
    found = [(start, end) for start, end, _ in promising]
    assert found == sorted(found)
    for sentence in sentences:
        shown = text[sentence.start : sentence.end].rstrip(sentence_ends._END_MARKS)
        span = (sentence.start, sentence.start + len(shown))
        tail = shown[-1 - sentence_ends.NEAR_END_CHARS :]
        after = re.search(r"\d(\D*)\Z", tail)
        near = after is not None and len(after[1].split()) <= sentence_ends.MAX_WORDS_AFTER
        matters = near or shown.endswith(tuple(sentence_ends.CHOICE_ENDS))
        assert (span in found) is bool(shown and matters)
        assert ((*span, True) in promising) is bool(shown and near)
    assert all(start < end for start, end in found)


def test_sentences_that_end_in_words_are_left_out() -> None:
    text = "We have 12 birds, and these fly over the hills until evening comes. So x = 5."
    middle = text.index("So")
    sentences = [Sentence(0, 0, middle), Sentence(1, middle, len(text))]
    assert list(sentence_ends.promising(text, sentences)) == [(middle, len(text) - 1, True)]
    assert [c.raw for c in candidates.candidates(text, sentences)] == ["5"]
