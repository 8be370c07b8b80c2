"""Documents looked at together give what each gives alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.analyzers import worker
from analysis.analyzers.behaviours import FITTED, RULES, Behaviours
from analysis.analyzers.documents import make_document
from analysis.behaviours import block as blocks
from analysis.behaviours.history import first_of, previous
from analysis.model import Analysis, Document

PARTS = [
    "Okay, so I need to find the sum of 12 and 7.", "Wait, maybe it is 19.", "Let me check that: 12 + 7 = 19.",
    "Yes, that is correct.", "Alternatively, let me try a different approach.", "Hmm, I'm not sure.",
    "So the answer is \\boxed{19}.", "12 + 7 = 19", "First, let's break it down into two parts.",
    "Going back to the first method, we get 4 = 4.", "因此答案是19。", "让我检查一下。", "But wait, why?", ".", "\n\n", "   ",
    "The problem says that x² = 9.", "Therefore 3, 4 and 5.", "…", "I don’t know.", "Let me think of another way.",
]  # fmt: skip
TEXTS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(PARTS), max_size=9).map(" ".join),
        st.sampled_from([None, "", "What is the sum of 12 and 7?", "Find x."]),
    ),
    min_size=1,
    max_size=6,
)


@given(TEXTS, st.sampled_from([FITTED, RULES]), st.sampled_from([40, blocks.BLOCK_CHARS]))
@settings(max_examples=30, deadline=None)
def test_together_as_alone(texts: list[tuple[str, str | None]], method: str, size: int) -> None:
    analyzer = Behaviours(method=method)
    made = [make_document(str(i), text, question=asked) for i, (text, asked) in enumerate(texts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_CHARS", size)
        together = analyzer.analyze_many(made)
    assert together == [analyzer.analyze(document) for document in made]


def test_documents_are_put_together_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_CHARS", 64)
    made = [make_document(str(i), "x" * size) for i, size in enumerate([30, 30, 9, 90, 1])]
    found = [[document.trace_id for document in some] for some in blocks.in_blocks(made)]
    assert found == [["0", "1"], ["2"], ["3"], ["4"]]
    assert list(blocks.in_blocks([])) == []


@given(st.lists(st.integers(0, 50), max_size=200), st.sampled_from([1, 50]))
@settings(max_examples=60, deadline=None)
def test_where_values_stood_before(values: list[int], times: int) -> None:
    # Repeated often, they are sorted in another way.
    values = values * times
    hashes = np.array(values, np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    seen: dict[int, int] = {}
    first: dict[int, int] = {}
    for index, (value, before, begin) in enumerate(
        zip(values, previous(hashes).tolist(), first_of(hashes).tolist(), strict=True)
    ):
        assert before == seen.get(value, -1)
        assert begin == first.setdefault(value, index)
        seen[value] = index


class Together:
    """An analyzer that takes many documents, and does so wrongly where it is told to."""

    name = "together"
    version = "1"
    metrics = ()
    requires = frozenset({"sentences"})

    def __init__(self, wrong: str) -> None:
        self.wrong = wrong
        self.labels: dict[str, str] = {}
        self.alone: list[str] = []

    def config_hash(self) -> str:
        return ""

    def analyze(self, document: Document) -> Analysis:
        self.alone.append(document.trace_id)
        if self.wrong == "raises" and document.trace_id == "b":
            raise ValueError("no")
        return Analysis()

    def analyze_many(self, documents: Sequence[Document]) -> list[Analysis]:
        if self.wrong == "raises":
            raise ValueError("no")
        return [Analysis()] * (len(documents) - (self.wrong == "too few"))


def job(trace_id: str, reasoning: str | None) -> worker.Job:
    return worker.Job(
        trace_id, ("together",), reasoning, None, None, None, None, None, None, None, False,
        "visible", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "alone", "status"),
    [
        ("", [], ["ok", "skipped", "ok", "ok"]),
        ("too few", ["a", "b", "c"], ["ok", "skipped", "ok", "ok"]),
        ("raises", ["a", "b", "c"], ["ok", "skipped", "failed", "ok"]),
    ],
)
def test_only_the_guilty_trace_fails(
    monkeypatch: pytest.MonkeyPatch, wrong: str, alone: list[str], status: list[str]
) -> None:
    analyzer = Together(wrong)
    monkeypatch.setattr(worker, "_registry", lambda: {"together": analyzer})
    jobs = [job("a", "One."), job("none", None), job("b", "Two."), job("c", "Three.")]
    found = worker.run_jobs(jobs)
    assert [result.trace_id for result in found] == ["a", "none", "b", "c"]
    assert [result.outcomes[0].status for result in found] == status
    assert analyzer.alone == alone
