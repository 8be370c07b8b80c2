"""Reading by a plan gives what the readers give, for every record of a file."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.formats import passages
from analysis.formats.markers import TOOL_SPECIALS, TOOL_WORDS
from analysis.formats.outline import outline, word_kind
from analysis.formats.part import Part
from analysis.formats.planned import PlannedReader
from analysis.formats.registry import FileHint, read_record
from tests.format_cases import CASES
from tests.format_strategies import VALUES
from tests.planned_mutations import NASTY, PASSAGES, mutated
from tests.test_tags import PAIRS

LONG, OTHER, THIRD = PASSAGES[0], PASSAGES[2], PASSAGES[5]
USAGE = {"prompt_tokens": 90, "completion_tokens": 700, "total_tokens": 790}
SHAPES: dict[str, dict[str, Any]] = {
    "flat": {
        "id": "r-17", "question": OTHER, "reasoning": LONG, "answer": "It is twelve.", "model": "kestrel-7b",
        "effort": "low", "gold": "12", "correct": True, "sample_index": 2, "reasoning_tokens": 70,
        "latency": 3.25, "run": {"host": "node-3", "seed": 90}, "created": 1_760_000_000,
    },
    "tagged": {
        "id": "r-17", "prompt": OTHER, "response": f"<think>\n{LONG}\n</think>\n\n{THIRD}", "model": "heron-8b",
    },
    "chat": {
        "request": {"model": "heron-8b", "messages": [{"role": "user", "content": OTHER}]},
        "response": {
            "id": "c-17", "object": "chat.completion", "created": 1_760_000_000, "model": "heron-8b", "usage": USAGE,
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": THIRD, "reasoning_content": LONG}}],
        },
    },
    "turns": {
        "id": "r-17", "source": "made",
        "messages": [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": OTHER},
                     {"role": "assistant", "content": f"<think>{LONG}</think>{THIRD}"}],
    },
    "lists": {"prompt": OTHER, "output": [THIRD, "A second answer, which is long enough to be told by itself here."],
              "thinking": [LONG, PASSAGES[1]], "finish_reason": ["stop", "length"]},
}  # fmt: skip


def both(records: list[Any]) -> PlannedReader:
    """Reads a file both ways and compares record by record."""
    plain, reader = FileHint("x.jsonl"), PlannedReader(FileHint("x.jsonl"))
    for record in records:
        wanted = read_record(copy.deepcopy(record), hint=plain)
        assert repr(reader.read(copy.deepcopy(record))) == repr(wanted)
        assert reader._hint.prior == plain.prior
    return reader


@pytest.mark.parametrize("shape", SHAPES)
def test_most_records_of_a_file_are_read_by_a_plan(shape: str) -> None:
    rng = random.Random(1)
    reader = both([mutated(SHAPES[shape], rng, 0.0) for _ in range(60)])
    assert reader.planned >= 5


@pytest.mark.parametrize("name", CASES)
def test_a_plan_gives_what_the_readers_give(name: str) -> None:
    rng = random.Random(name)
    patterns = [CASES[name][0], mutated(CASES[name][0], rng, 0.1)]
    both([mutated(rng.choice(patterns), rng, odd) for odd in (0.0, 0.0, 0.05, 0.0) * 4])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("odd", [0.02, 0.1])
def test_values_that_mean_something_are_read_as_such(shape: str, odd: float) -> None:
    rng = random.Random(shape)
    both([mutated(SHAPES[shape], rng, odd * (n % 3)) for n in range(60)])


@pytest.mark.parametrize("text", NASTY)
def test_one_odd_text_among_plain_ones(text: str) -> None:
    rng = random.Random(2)
    usual = [mutated(SHAPES["flat"], rng, 0.0) for _ in range(4)]
    both([*usual, *({**usual[0], key: text} for key in SHAPES["flat"]), *usual])


@settings(max_examples=60)
@given(VALUES, st.randoms(use_true_random=False))
def test_any_records(pattern: Any, rng: random.Random) -> None:
    both([pattern, pattern, *(mutated(pattern, rng, 0.03 * (n % 2)) for n in range(5))])


RELATED = {
    "the reply holds the reasoning": {"reasoning": LONG, "response": f"{LONG} {OTHER}"},
    "the same with other white space": {"reasoning": LONG, "response": LONG.replace(" ", "\n")},
    "a total that leaves the reasoning out": {"reasoning": LONG, "answer": OTHER, "usage": {
        "prompt_tokens": 90, "completion_tokens": 700, "reasoning_tokens": 50, "total_tokens": 840}},
    "a text that is no passage": {"reasoning": LONG, "response": "[INST] x [/INST] " + OTHER},
}  # fmt: skip


@pytest.mark.parametrize("name", RELATED)
def test_related_values_have_no_outline(name: str) -> None:
    assert outline(RELATED[name]) is None
    both([RELATED[name]] * 4)


def test_outlines_tell_what_readers_tell_apart() -> None:
    base = SHAPES["flat"]
    found = outline(base)
    assert found is not None
    changes: tuple[dict[str, Any], ...] = (
        {"effort": "high"}, {"correct": False}, {"gold": 12}, {"answer": "<think>"}, {"sample_index": 1},
        {"sample_index": 2.0}, {"reasoning": ""}, {"reasoning": [LONG]}, {"run": {}}, {"id": None}, {"latency": -0.0},
        {"reasoning_tokens": 2**31}, {"answer": LONG}, {"model": "o3-mini-high"}, {"extra": 1},
    )  # fmt: skip
    for change in changes:
        other = outline({**base, **change})
        assert other is None or other.tokens != found.tokens, change
    alike = [outline({"a": 5000, "b": {"i0": 5001}}), outline({"a": {"i0": 5000}, "b": 5001})]
    assert None not in alike
    assert len({tuple(found.tokens) for found in alike if found}) == 2


def test_what_is_free() -> None:
    assert [word_kind(w) for w in ("node-17", "17", "2026-01-02", "none", "1e5", "٣", "a")] == [
        "word", "digits", "moment", None, None, None, None,
    ]  # fmt: skip
    assert passages.plain("  3 < 4, and a[0] > b.\n") == "3 < 4, and a[0] > b."
    tagged = passages.pieces_of("<think>\nI add.\n</think>\n\nTwelve. ")
    assert tagged == passages.Pieces(("<think>\n", "\n</think>\n\n", " "), ("I add.", "Twelve."))
    assert passages.pieces_of("Write `<think>` first.") is None


MARKS = [*(mark for pair in PAIRS for mark in pair), *TOOL_SPECIALS, *TOOL_WORDS, "<answer>", "</final_answer>",
         "<analysis>", "<|im_start|>user", "<start_of_turn>model", "[INST]", "[/INST]", "<｜User｜>", "[|assistant|]",
         "<|channel|>final<|message|>", "to=self<|message|>", "<seed:bos>user", "</s>"]  # fmt: skip


@pytest.mark.parametrize("mark", MARKS)
def test_a_text_with_a_mark_is_no_passage(mark: str) -> None:
    assert passages.plain(f"{mark} {LONG}") is None
    if not mark.startswith("Here"):  # words, which count only where a text begins
        assert passages.plain(f"{LONG}\n{mark}\n{OTHER}") is None
        assert passages.plain(f"{LONG}{mark}") is None


def test_a_row_of_a_large_document_is_read_by_a_plan() -> None:
    rng = random.Random(3)
    reader, plain = PlannedReader(FileHint()), FileHint()
    for n in range(30):
        part = Part({"results": []}, key="results", position=n)
        part.row = mutated(SHAPES["flat"], rng, 0.0)
        assert repr(reader.read(part)) == repr(read_record(part, hint=plain))
    assert reader.planned > 5
