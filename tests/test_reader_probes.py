"""What the Reader is sent of probes and token probabilities, by hand-made tables and properties."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.engines.forcing import WAIT, Forcing, force
from analysis.engines.presets import load_presets
from analysis.engines.protocol import Message, Request, Sampling
from analysis.engines.tiny_numpy import tiny_engine
from analysis.ui.reader.probe_marks import MAX_POINTS, probe_marks
from analysis.ui.reader.uncertainty import token_doubts
from analysis.views.reader import ReaderView


def view(probes: Any, gold: str | None = None) -> ReaderView:
    recorded = None if probes is None else json.dumps(probes)
    return cast(ReaderView, SimpleNamespace(trace={"probes": recorded, "gold_answer": gold}))


def test_the_row_of_probes() -> None:
    asked = [
        {"frac": 0.0, "pred": "3", "p_pred": 0.1},
        {"frac": 0.5, "pred": "7", "p_pred": 0.6},
        {"frac": 0.75, "pred": "7.0", "p_pred": 1.5},
        {"frac": 1.0, "pred": "7", "p_pred": 0.9},
    ]
    assert probe_marks(view(asked, "7"), 200) == {
        "points": [[0, 0.1, 0, "3"], [100, 0.6, 1, "7"], [150, None, 1, "7.0"], [200, 0.9, 1, "7"]],
        "stable": 100,
        "right": 100,
        "of": "the answer given",
    }
    placed = [{**probe, "char": at} for probe, at in zip(asked, (0, 90, 151, 200), strict=True)]
    exact = probe_marks(view(placed, "7"), 200)
    assert exact is not None and [point[0] for point in exact["points"]] == [0, 90, 151, 200]
    assert (exact["stable"], exact["right"]) == (90, 90)
    for odd in ({"char": 201}, {"char": 80}, {"char": -1}, {"char": True}, {"char": "9"}):
        other = probe_marks(view([*placed[:2], placed[2] | odd, placed[3]], "7"), 200)
        assert other is not None and [point[0] for point in other["points"]] == [0, 100, 150, 200]
    unjudged = probe_marks(
        view({"probed_by": {}, "probes": [{"frac": 0.5, "p_correct": 0.25}]}), 10
    )
    assert unjudged is not None
    assert unjudged["points"] == [[5, 0.25, None, ""]] and unjudged["of"] == "the correct answer"
    assert unjudged["stable"] is None and unjudged["right"] is None
    for nothing in (None, [], "x", [{"pred": "1"}]):
        assert probe_marks(view(nothing), 10) is None
    assert probe_marks(view(asked), 0) is None
    many = probe_marks(view([{"frac": n / 2000, "pred": "1"} for n in range(2001)]), 5000)
    assert many is not None and len(many["points"]) == MAX_POINTS
    assert (many["points"][0][0], many["points"][-1][0]) == (0, 5000)


@given(
    st.lists(st.tuples(st.text(max_size=4), st.one_of(st.none(), st.floats(-9, 0))), max_size=30)
)
def test_tokens_stand_where_they_were_written(tokens: list[tuple[str, float | None]]) -> None:
    text = "".join(token for token, _ in tokens)
    told = [["<think>", -0.1], ["\n", -3.0], *map(list, tokens), ["</think>", -2.0]]
    found = token_doubts({"token_logprobs": told}, text)
    known = [(token, p) for token, p in tokens if token and p is not None]
    if not known:
        assert found is None
        return
    assert found is not None and found["count"] == len(known)
    doubted = [(token, p) for token, p in known if math.exp(p) < 0.9]
    spans = [text[at : at + size] for at, size in zip(found["at"], found["size"], strict=True)]
    assert spans == [token for token, _ in doubted]
    assert found["at"] == sorted(found["at"])
    assert all(0 <= p <= 900 for p in found["p"])


@pytest.mark.parametrize(
    ("metadata", "spans"),
    [
        ({"token_logprobs": [["2", -1.0], ["+", 0.0], ["2", -2.0]]}, [(0, 1), (2, 1)]),
        ({"logprobs": {"content": [{"token": "2+", "logprob": -0.7}, {"token": "2", "logprob": 0}]}}, [(0, 2)]),
        ({"logprobs": {"tokens": ["2+2"], "token_logprobs": [-3]}}, [(0, 3)]),
        # A character that was cut in two, white space that was stripped: the rest stands all the same.
        ({"token_logprobs": [["  ", -1.0], ["\ufffd", -1.0], ["2+", -1.0], [" 2", -1.0], ["2", -1.0]]}, [(0, 2), (2, 1)]),
        ({"token_logprobs": [["quite", -1.0], ["other", -1.0]]}, None),
        ({"token_logprobs": [["2+2", None]]}, None),
        ({"token_logprobs": [["2+2", "x"], 5, {"token": 3}]}, None),
        ({"token_logprobs": "2+2"}, None),
        ({"logprobs": [1]}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_forms_of_log_probabilities(metadata: Any, spans: list[tuple[int, int]] | None) -> None:
    found = token_doubts(metadata, "2+2")
    if spans is None:
        assert found is None
    else:
        assert found is not None
        assert list(zip(found["at"], found["size"], strict=True)) == spans


def test_words_that_were_put_in_have_no_probability() -> None:
    engine = tiny_engine()
    marks = load_presets()["tiny"].marks
    assert marks is not None
    prompt = engine.render(Request((Message("user", "12+34"),), effort="low"))
    made = force(
        engine, prompt, Forcing(waits=1), marks=marks, sampling=Sampling(0.0, max_tokens=200)
    )
    tokens = made.tokens(engine, WAIT)
    assert "".join(text for text, _ in tokens) == made.thinking
    assert "".join(text for text, p in tokens if p is None) == WAIT
    assert token_doubts({"token_logprobs": tokens}, made.thinking) is not None
