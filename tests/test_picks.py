"""What is picked in a chart: the text in the address, and the rows that it means."""

from __future__ import annotations

import math

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from analysis.picks import VERDICTS, Pick

TABLE = pa.table(
    {
        "trace_id": ["a", "b", "c", "d"],
        "effort": ["low", "high", None, "(not stated)"],
        "correct": pa.array([True, False, None, True]),
        "share": pa.array([0.0, 0.5, 1.0, None]),
        "loop": pa.array([True, False, None, True]),
    }
)


def ids(pick: Pick) -> str:
    return "".join(pick.rows(TABLE).column("trace_id").to_pylist())


def test_rows_that_are_meant() -> None:
    assert ids(Pick((("share", 0, 0.5),))) == "a"
    assert ids(Pick((("share", 0.5, 1),))) == "bc"
    assert ids(Pick((("share", 0, math.inf),))) == "abc"
    assert ids(Pick((("loop", 1, math.inf),))) == "ad"
    assert ids(Pick(texts=(("effort", "low"),))) == "a"
    assert ids(Pick(texts=(("effort", "(not stated)"),))) == "cd"
    assert ids(Pick(verdict="right")) == "ad"
    assert ids(Pick(verdict="wrong")) == "b"
    assert ids(Pick(verdict="not judged")) == "c"
    assert ids(Pick((("share", 0, 1),), (("effort", "high"),), "wrong")) == "b"
    assert ids(Pick((("no_such_column", 0, 1),))) == ""
    assert ids(Pick((("effort", 0, 1),))) == ""
    assert ids(Pick(texts=(("tier", "x"),))) == ""


@given(
    ranges=st.lists(
        st.tuples(
            st.sampled_from(["share", "n_solutions"]),
            st.integers(-99, 99).map(lambda n: n / 100),
            st.integers(1, 10**5).map(float),
        ),
        max_size=3,
    ),
    texts=st.lists(st.tuples(st.sampled_from(["effort", "model"]), st.text(min_size=1, max_size=40)), max_size=2),
    verdict=st.sampled_from([None, *VERDICTS]),
)  # fmt: skip
def test_the_address_gives_it_back(
    ranges: list[tuple[str, float, float]], texts: list[tuple[str, str]], verdict: str | None
) -> None:
    texts = [(n, t) for n, t in texts if not any(0xD800 <= ord(c) < 0xE000 for c in t)]
    pick = Pick(tuple(ranges), tuple(texts), verdict)
    expected = None if pick == Pick() else pick
    assert Pick.from_text(pick.to_text()) == expected


@given(st.text(max_size=80))
def test_any_text_is_read_or_left(text: str) -> None:
    pick = Pick.from_text(text)
    assert pick is None or pick.rows(TABLE).num_rows <= TABLE.num_rows
