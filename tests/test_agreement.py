"""Kappa, alpha and span F1 against worked examples of the literature and against other libraries."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.annotation.agreement import (
    SpanAgreement,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    span_agreement,
)
from analysis.annotation.sentences import covered, sentence_ranges


def test_cohen_by_hand() -> None:
    # 50 proposals, two readers: both yes 20, both no 15, only A 5, only B 10; kappa .4
    # (the example of the encyclopedias, after Cohen 1960).
    pairs = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)
    assert cohen_kappa([]) is None
    assert cohen_kappa([(1, 1)] * 5) is None
    assert cohen_kappa([(1, 0), (0, 1)]) == pytest.approx(-1)


def test_fleiss_by_hand() -> None:
    # The table that Fleiss' kappa is usually taught with: 10 subjects, 14 raters, kappa .210.
    table = [
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    ]  # fmt: skip
    units = [dict(enumerate(row)) for row in table]
    assert fleiss_kappa(units) == pytest.approx(0.2099, abs=1e-4)
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa([{"a": 2}, {"a": 3}])
    assert fleiss_kappa([]) is None


def test_krippendorff_by_hand() -> None:
    # Krippendorff (2011), section C: four observers, twelve units, missing data; nominal .743.
    observers = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    columns = zip(*(row.split() for row in observers), strict=True)
    units = [[None if v == "." else v for v in column] for column in columns]
    assert krippendorff_alpha(units) == pytest.approx(0.743, abs=5e-4)
    # Section B of the same: two observers, ten units, binary; .095.
    one, two = (
        ["0", "1", "0", "0", "0", "0", "0", "0", "1", "0"],
        ["1", "1", "1", "0", "0", "1", "0", "0", "0", "0"],
    )
    assert krippendorff_alpha(zip(one, two, strict=True)) == pytest.approx(0.095, abs=5e-4)
    assert krippendorff_alpha([["a", None], [None, "b"]]) is None
    assert krippendorff_alpha([["a", "a"]] * 4) is None


def test_against_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chance = random.Random(3)
    for _ in range(20):
        one = [chance.randrange(3) for _ in range(60)]
        two = [value if chance.random() < 0.6 else chance.randrange(3) for value in one]
        expected = metrics.cohen_kappa_score(one, two)
        assert cohen_kappa(zip(one, two, strict=True)) == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60))
def test_measures_are_symmetric_and_bounded(pairs: list[tuple[bool, bool]]) -> None:
    turned = [(b, a) for a, b in pairs]
    for measure in (cohen_kappa, krippendorff_alpha):
        value, other = measure(pairs), measure(turned)
        assert (value is None) == (other is None)
        if value is not None and other is not None:
            assert value == pytest.approx(other)
            assert -1 - 1e-9 <= value <= 1 + 1e-9
    # With two raters Fleiss is Scott's pi: alpha without its correction for small samples.
    alpha, pi = krippendorff_alpha(pairs), fleiss_kappa(Counter(pair) for pair in pairs)
    if alpha is not None and pi is not None:
        assert alpha == pytest.approx(pi + (1 - pi) / (2 * len(pairs)))


@pytest.mark.parametrize(
    ("first", "second", "tolerance", "matched"),
    [
        ([(3, 3)], [(3, 3)], 0, 1),
        ([(3, 3)], [(5, 5)], 1, 0),
        ([(3, 3)], [(5, 5)], 2, 1),
        ([(0, 9)], [(2, 2), (4, 4)], 0, 1),  # one to one
        ([(0, 0), (4, 4)], [(2, 2), (6, 6)], 2, 2),
        ([], [(1, 1)], 2, 0),
    ],
)
def test_spans_by_hand(first: list, second: list, tolerance: int, matched: int) -> None:
    found = span_agreement(first, second, tolerance=tolerance)
    assert found.matched == matched
    assert span_agreement(second, first, tolerance=tolerance).matched == matched
    assert SpanAgreement(2, 1, 1).f1 == pytest.approx(2 / 3)
    assert SpanAgreement(0, 0, 0).f1 is None


POINTS = st.lists(st.integers(0, 30).map(lambda n: (n, n)), max_size=6)


@given(POINTS, POINTS, st.integers(0, 4))
def test_matching_points_is_the_best_there_is(first: list, second: list, tolerance: int) -> None:
    def best(i: int, used: int) -> int:
        if i == len(first):
            return 0
        most = best(i + 1, used)
        for j, (point, _) in enumerate(second):
            if not used >> j & 1 and abs(point - first[i][0]) <= tolerance:
                most = max(most, 1 + best(i + 1, used | 1 << j))
        return most

    assert span_agreement(first, second, tolerance=tolerance).matched == best(0, 0)


def test_sentences_of_spans() -> None:
    sentences = [(0, 10), (10, 20), (20, 30)]
    assert covered(sentences, [(0, 5)]) == [True, False, False]
    assert covered(sentences, [(0, 4)]) == [False, False, False]
    assert covered(sentences, [(10, 13), (17, 30)]) == [False, True, True]
    assert covered(sentences, [(11, 14), (12, 15)]) == [False, False, False]
    assert sentence_ranges(sentences, [(9, 21), (10, 11), (40, 50)]) == [(0, 2), (1, 1)]
