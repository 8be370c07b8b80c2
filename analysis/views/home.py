"""What the home page points at: the traces of this store that are worth a look first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.store.connection import Store


@dataclass(frozen=True, slots=True)
class Hint:
    """A link to a filtered page, with the number that makes it worth following."""

    page: str
    text: str
    icon: str
    query: Mapping[str, str]


def hints(store: Store) -> list[Hint]:
    """Links for what is there; a kind of trace that the store does not have gives none."""
    counts = store.rows(
        "SELECT (SELECT count(DISTINCT question_key) FROM (SELECT question_key FROM trace"
        "   WHERE effort IS NOT NULL GROUP BY question_key HAVING count(DISTINCT effort) > 1)),"
        " (SELECT count(*) FROM metric WHERE name = 'post_answer_waste' AND value > 0.5),"
        " (SELECT count(DISTINCT trace_id) FROM finding WHERE label = 'loop'),"
        " (SELECT count(DISTINCT trace_id) FROM finding WHERE label = 'language_mixing'),"
        " (SELECT count(*) FROM trace WHERE truncated),"
        " (SELECT count(*) FROM metric WHERE name = 'right_to_wrong' AND value = 1),"
        " (SELECT count(*) FROM quarantine)"
    )[0]
    efforts, waste, loops, mixing, truncated, lost, quarantined = counts
    kinds = [
        (efforts, "compare", "{} answered at several efforts, side by side", "question",
         ":material/view_column:", {}),
        (waste, "traces", "{} whose final answer stood before half of the thinking", "trace",
         ":material/hourglass_bottom:", {"sort": "after answer", "descending": "true"}),
        (lost, "overthinking", "{} that had the right answer and left it", "trace",
         ":material/trending_down:", {}),
        (mixing, "traces", "{} with more than one language", "trace",
         ":material/translate:", {"label": "language_mixing"}),
        (loops, "traces", "{} ending in a loop", "trace", ":material/loop:", {"label": "loop"}),
        (truncated, "traces", "{} cut off before an answer", "trace",
         ":material/content_cut:", {"ending": "truncated"}),
        (quarantined, "library", "{} in quarantine", "record", ":material/report:", {}),
    ]  # fmt: skip
    return [
        Hint(page, text.format(f"{number:,} {noun}{'' if number == 1 else 's'}"), icon, query)
        for number, page, text, noun, icon, query in kinds
        if number
    ]
