"""Split a text into sentences that tile it.

``"".join(text[s.start:s.end] for s in split_sentences(text)) == text`` for every string: white
space after a sentence belongs to it. Made for reasoning traces: list items, equations and
statements on lines of their own, formulas, code, decimals, hesitation ("Hmm... so"), and Chinese,
Japanese and other scripts without spaces. ``tests/test_sentences.py`` has the rules as examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analysis.model import Sentence
from analysis.text import stops
from analysis.text.line_breaks import LINE_BREAKS, line_break_ends
from analysis.text.long_pieces import MAX_SENTENCE, cut_long
from analysis.text.masks import Mask, mask_spans

SEGMENTER = "sentences"
SEGMENTER_VERSION = "1"

# One leading character set, so that the scan runs at the speed of `re`; what comes after it always
# matches (possibly nothing), so that no character is scanned from two starts.
_CANDIDATE = re.compile(
    rf"[{LINE_BREAKS}{stops.LATIN}{stops.OPEN}]"
    rf"(?:(?<=[{LINE_BREAKS}])()\s*+"
    rf"|(?<=[{stops.LATIN}])[{stops.LATIN}]*+(){stops.CLOSERS}()\s*+"
    rf"|[{stops.LATIN}{stops.OPEN}~～]*+()()"
    rf"(?:[」』”’）】》〉〕)\]]++[{stops.LATIN}{stops.OPEN}]*+)*+()\s*+)"
)
_LINE, _LATIN, _OPEN = 1, 3, 6
"""``lastindex`` of the three branches above."""
_CLOSING_TAG = ("</", "<|", "<｜")


def split_sentences(text: str, masks: Sequence[Mask] | None = None) -> tuple[Sentence, ...]:
    """The sentences of ``text``, in order; they tile it, and the empty text has none.

    ``masks`` are its ``mask_spans``, where the caller has them already. Offsets are code points,
    end exclusive. Linear time; raises nothing for any string.
    """
    spans = mask_spans(text) if masks is None else masks
    sentences: list[Sentence] = []
    append = sentences.append
    start = 0
    for end in _ends(text, spans):
        if end - start <= MAX_SENTENCE:
            append(Sentence(len(sentences), start, end))
        else:
            for cut in cut_long(text, start, end, spans):
                append(Sentence(len(sentences), start, cut))
                start = cut
        start = end
    return tuple(sentences)


def _ends(text: str, spans: Sequence[Mask]) -> Iterator[int]:
    """The end of each sentence, before long ones are cut; the last is the end of the text."""
    length = len(text)
    context = stops.Context(text)
    span_index, span_count = 0, len(spans)
    span_start, span_end, kind = spans[0] if spans else (length, length, "")
    search = _CANDIDATE.search
    at = stops.after_space(text, 0)
    while (found := search(text, at)) is not None:
        first, at = found.span()
        while span_end <= first and span_index < span_count:
            span_index += 1
            span_start, span_end, kind = (
                spans[span_index] if span_index < span_count else (length, length, "")
            )
        if span_start <= first < span_end:
            at = span_end
            end = stops.formula_ends(text, span_end) if kind == "math" else -1
        elif found.lastindex == _LINE:
            end = at if line_break_ends(context, first, at) else -1
        elif found.lastindex == _LATIN:
            end = _latin_end(context, found, spans, span_index)
        else:
            end = stops.open_stop_end(context, first, found.end(5), found.end(6), at)
        if end >= length:
            break
        if end > 0:
            at = end
            yield end
            context.begin(end)
    if length:
        yield length


def _latin_end(
    context: stops.Context, found: re.Match[str], spans: Sequence[Mask], span_index: int
) -> int:
    """Where the sentence ends that the stop ``found`` may end; -1 where it goes on."""
    text = context.text
    first, end = found.span()
    stops_end, closers_end = found.end(2), found.end(3)
    if end == len(text):
        return end
    if end > closers_end:
        if stops.latin_stop_ends(context, first, stops_end, closers_end, end):
            return end
        broken = any(mark in LINE_BREAKS for mark in text[closers_end:end])
        return end if broken and line_break_ends(context, closers_end, end) else -1
    if text[end] == "<" and text.startswith(_CLOSING_TAG, end):
        for start, tag_end, kind in spans[span_index : span_index + 4]:
            if start == end and kind == "tag":
                end = tag_end
        return stops.after_space(text, end) if end > closers_end else -1
    return end if stops.glued_stop_ends(context, first, stops_end, end) else -1
