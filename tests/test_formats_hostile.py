"""Records that look like those of servers, harnesses and tracing tools, with anything inside.

The base of each is a real one of the tables; parts of it are replaced by arbitrary values.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.formats import registry
from analysis.formats.registry import FORMATS, FileHint, read_record
from analysis.model import Rejected
from tests import test_formats_envelopes as envelopes
from tests import test_formats_harness as harness
from tests import test_formats_streams as streams
from tests import test_formats_tracing as tracing
from tests.format_strategies import JSON, SCALARS, TEXTS
from tests.systems import test_tools, test_wild
from tests.test_formats import check_types

TABLES = (
    envelopes.GEMINI, envelopes.OTHERS, harness.INSPECT, harness.OTHERS, tracing.SPANS, tracing.RUNS,
    streams.CASES,
)  # fmt: skip
BASES = [case[0] for table in TABLES for case in table.values()]
MORE = [
    r
    for table in (test_tools.CASES, test_wild.CASES)
    for case in table.values()
    for r in case.records
]
ODD = st.one_of(
    SCALARS,
    JSON,
    TEXTS.map(json.dumps),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.just([[]]),
    st.just({"a": {}}),
    st.lists(st.dictionaries(TEXTS, JSON, max_size=2), max_size=2),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A real record of which up to three parts are something else, or gone."""
    value = copy.deepcopy(draw(st.sampled_from(BASES + MORE)))
    for _ in range(draw(st.integers(1, 3))):
        known = places(value)
        if not known:
            break
        *way, last = draw(st.sampled_from(known))
        inner = value
        for step in way:
            inner = inner[step]
        if draw(st.integers(0, 4)) == 0:
            del inner[last]
        else:
            inner[last] = copy.deepcopy(draw(ODD))
    return value


@settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(broken(), st.sampled_from([None, *(f.id for f in FORMATS)]))
def test_nothing_inside_a_record_breaks_a_reader(value: Any, format_id: str | None) -> None:
    """Traces that are well formed, or a reason; the record itself is not changed."""
    before = copy.deepcopy(value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_contained", lambda found, value, hint: found.read(value, hint))
        found = read_record(value, hint=FileHint(), format_id=format_id)
    assert value == before
    if isinstance(found, Rejected):
        assert found.reason
        return
    assert found
    for trace in found:
        check_types(trace)


@pytest.mark.parametrize("number", range(len(BASES)))
def test_sealed_reasoning_is_in_no_text(number: int) -> None:
    """Signatures and ciphertext never become reasoning or an answer."""
    found = read_record(BASES[number], hint=FileHint())
    assert isinstance(found, list)
    for trace in found:
        for text in (trace.question, trace.reasoning, trace.answer):
            assert envelopes.SEALED not in (text or "")


HOLDERS = st.sampled_from(
    ["results", "responses", "outputs", "samples", "data", "run", "request", "0", "m-1", "messages"]
)


@given(
    st.lists(st.tuples(HOLDERS, st.booleans()), max_size=10),
    st.one_of(st.sampled_from(BASES + MORE), JSON),
    SCALARS,
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_wrappers_in_wrappers_come_to_an_end(
    around: list[tuple[str, bool]], inside: Any, beside: Any
) -> None:
    """Looking deeper into a record looks once: rows that hold rows that hold rows are no loop."""
    value = inside if isinstance(inside, dict) else {"question": "q", "x": inside}
    for key, listed in around:
        value = {
            key: [value, {"note": beside}] if listed else {"a": value, "b": {"id": beside}},
            "config": {"model": beside},
        }
    found = read_record(value, hint=FileHint())
    assert isinstance(found, Rejected) or found


@given(broken())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_formats_are_told_by_their_keys(value: Any) -> None:
    """A format that is passed over because of a record's keys would not have recognised it."""
    passed = set(FORMATS) - set(registry.possible(value))
    assert [f.id for f in passed if f.recognise(value) > 0] == []
