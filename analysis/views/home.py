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
    candidates = [
        (
            efforts,
            Hint(
                "compare",
                f"{efforts:,} questions answered at several efforts, side by side",
                ":material/view_column:",
                {},
            ),
        ),
        (
            waste,
            Hint(
                "traces",
                f"{waste:,} traces whose final answer stood before half of the thinking",
                ":material/hourglass_bottom:",
                {"sort": "waste", "descending": "true"},
            ),
        ),
        (
            lost,
            Hint(
                "overthinking",
                f"{lost:,} traces that had the right answer and left it",
                ":material/trending_down:",
                {},
            ),
        ),
        (
            mixing,
            Hint(
                "traces",
                f"{mixing:,} traces that mix languages",
                ":material/translate:",
                {"label": "language_mixing"},
            ),
        ),
        (
            loops,
            Hint(
                "traces",
                f"{loops:,} traces that end in a loop",
                ":material/loop:",
                {"label": "loop"},
            ),
        ),
        (
            truncated,
            Hint(
                "traces",
                f"{truncated:,} traces cut off before an answer",
                ":material/content_cut:",
                {"ending": "truncated"},
            ),
        ),
        (
            quarantined,
            Hint("library", f"{quarantined:,} records in quarantine", ":material/report:", {}),
        ),
    ]
    return [hint for number, hint in candidates if number]
