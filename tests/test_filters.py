"""Filters survive the way through a URL, and hostile values never reach SQL as SQL."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import UsageError
from analysis.filters import ENDINGS, SORTS, VERDICTS, Filters
from analysis.store.where import order, where

words = st.text(min_size=1, max_size=12).filter(lambda s: s.isprintable())
lists = st.lists(words, max_size=3).map(tuple)

filters = st.builds(
    Filters,
    dataset=lists,
    model=lists,
    effort=lists,
    verdict=st.lists(st.sampled_from(VERDICTS), unique=True).map(tuple),
    label=lists,
    question=st.none() | words,
    text=st.text(max_size=20),
    min_chars=st.none() | st.integers(0, 10**9),
    max_chars=st.none() | st.integers(0, 10**9),
    ending=st.none() | st.sampled_from(ENDINGS),
    visible_only=st.booleans(),
    sort=st.sampled_from(sorted(SORTS)),
    descending=st.booleans(),
)


@given(filters)
def test_a_link_reopens_the_same_view(chosen: Filters) -> None:
    query = urlencode(chosen.to_query(), doseq=True)
    assert Filters.from_query(parse_qs(query, keep_blank_values=True)) == chosen


@given(filters)
def test_values_are_bound_not_pasted(chosen: Filters) -> None:
    condition, values = where(chosen)
    bare = Filters(
        **{
            name: ("x",) * len(getattr(chosen, name))
            for name in ("dataset", "model", "effort", "label")
        },
        verdict=chosen.verdict,
        question=None if chosen.question is None else "x",
        text="x" if chosen.text.strip() else "",
        min_chars=None if chosen.min_chars is None else 1,
        max_chars=None if chosen.max_chars is None else 1,
        ending=chosen.ending,
        visible_only=chosen.visible_only,
    )
    # The SQL depends on which filters are set, never on their values.
    assert condition == where(bare)[0]
    assert set(values) == set(where(bare)[1])
    assert "'" not in order(chosen)


def test_a_link_with_nonsense_opens_the_unfiltered_view() -> None:
    query = {
        "verdict": ["; DROP TABLE trace"],
        "min_chars": ["-5"],
        "max_chars": ["9" * 400],
        "sort": ["evil"],
        "ending": ["maybe"],
        "unknown": ["x"],
    }
    assert Filters.from_query(query) == Filters()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verdict", "rigth"),
        ("sort", "speed"),
        ("min_chars", "many"),
        ("modle", "x"),
        ("ending", "x"),
    ],
)
def test_a_script_is_told_of_a_filter_that_would_be_ignored(name: str, value: str) -> None:
    with pytest.raises(UsageError):
        Filters.from_strict_query({name: [value]})


def test_a_script_may_use_every_filter() -> None:
    query = {"model": ["a", "b"], "verdict": ["wrong"], "min_chars": ["10"], "descending": ["true"]}
    assert Filters.from_strict_query(query) == Filters(
        model=("a", "b"), verdict=("wrong",), min_chars=10, descending=True
    )


def test_bad_values_in_python_are_usage_errors() -> None:
    with pytest.raises(UsageError):
        Filters(sort="nothing")
    with pytest.raises(UsageError):
        Filters(verdict=("maybe",))
