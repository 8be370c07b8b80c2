"""Measures of language mixing against published worked examples and what must always hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.analyzers import language_measures as measures

TOY = "en en hi hi - - hi hi en en en hi hi"
"""The worked example of public code for these measures (- is a word of every language)."""


def runs(tokens: str) -> list[measures.Run]:
    return measures.runs_of(None if token == "-" else token for token in tokens.split())


def test_the_published_example() -> None:
    spans = measures.spans_of(runs(TOY))
    counts = measures.totals(runs(TOY))
    lengths = [count for _, count in spans]
    assert spans == [("en", 2), ("hi", 4), ("en", 3), ("hi", 2)]
    assert counts == {"en": 5, "hi": 6}
    assert measures.code_mixing_index(counts) == pytest.approx(45.4545, abs=1e-4)
    assert measures.m_index(counts) == pytest.approx(0.98361, abs=1e-5)
    assert measures.i_index(spans) == pytest.approx(0.3)
    assert measures.entropy(counts) == pytest.approx(0.99403, abs=1e-5)
    # The sample deviation would give -0.4835.
    assert measures.burstiness(lengths) == pytest.approx(-0.5367, abs=1e-4)
    assert measures.span_entropy(lengths) == pytest.approx(1.5)
    assert measures.memory(lengths) == pytest.approx(-0.5)
    assert measures.switches(spans) == 3
    assert measures.consistency(counts, "en") == pytest.approx(5 / 11)
    assert measures.shares_text(counts) == "hi:0.55 en:0.45"


@pytest.mark.parametrize(
    ("tokens", "cmi", "m", "i", "bits", "burst", "lengths_bits", "mem"),
    [
        ("", None, None, None, None, None, None, None),
        ("- -", None, None, None, None, None, None, None),
        ("en", 0.0, 0.0, None, 0.0, None, 0.0, None),
        ("en en en", 0.0, 0.0, 0.0, 0.0, None, 0.0, None),
        ("en zh", 50.0, 1.0, 1.0, 1.0, -1.0, 0.0, None),
        ("en zh ru", 200 / 3, 1.0, 1.0, math.log2(3), -1.0, 0.0, None),
        ("en - en zh", 100 / 3, 0.8, 0.5, 0.9183, -0.5, 1.0, None),
    ],
)
def test_edges(
    tokens: str,
    cmi: float | None,
    m: float | None,
    i: float | None,
    bits: float | None,
    burst: float | None,
    lengths_bits: float | None,
    mem: float | None,
) -> None:
    counts, spans = measures.totals(runs(tokens)), measures.spans_of(runs(tokens))
    lengths = [count for _, count in spans]
    found = (
        measures.code_mixing_index(counts),
        measures.m_index(counts),
        measures.i_index(spans),
        measures.entropy(counts),
        measures.burstiness(lengths),
        measures.span_entropy(lengths),
        measures.memory(lengths),
    )
    for mine, wanted in zip(found, (cmi, m, i, bits, burst, lengths_bits, mem), strict=True):
        assert mine == (None if wanted is None else pytest.approx(wanted, abs=1e-4))


def test_a_stray_word_is_not_rounded_away() -> None:
    assert measures.shares_text({"en": 9999, "zh": 1}) == "en:1.00 zh:<0.01"
    assert measures.shares_text({}) is None


@given(st.lists(st.sampled_from(["en", "zh", "ru", None]), max_size=60))
def test_ranges(tokens: list[str | None]) -> None:
    found = measures.runs_of(tokens)
    counts, spans = measures.totals(found), measures.spans_of(found)
    lengths = [count for _, count in spans]
    assert sum(lengths) == sum(token is not None for token in tokens)
    for value, low, high in (
        (measures.code_mixing_index(counts), 0, 100),
        (measures.m_index(counts), 0, 1 + 1e-9),
        (measures.i_index(spans), 0, 1),
        (measures.entropy(counts), 0, math.log2(3) + 1e-9),
        (measures.burstiness(lengths), -1, 1),
        (measures.memory(lengths), -1, 1),
        (measures.consistency(counts, "en"), 0, 1),
    ):
        assert value is None or low <= value <= high
