"""Token counts say whose they are, and counts that cannot be true are noticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.analyzers import tokenizer
from analysis.analyzers.documents import make_document
from analysis.analyzers.overthinking import Overthinking, think_closed
from analysis.analyzers.tokens import answer_tokens, is_placeholder, misfit, tokens_of
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.model import FinishReason, ReasoningKind
from analysis.runner import analyze
from analysis.store import open_store, samples
from analysis.store.importing import import_file

TEXT = "We count the seats of the hall. " * 20  # 640 characters, about 168 tokens
_WORDS = ["We", "count", "the", "seats", "of", "the", "hall", "."]


def _document(**stated: Any) -> Any:
    return make_document("t", stated.pop("text", TEXT), **stated)


@pytest.mark.parametrize(
    ("estimate", "stated", "why"),
    [
        (100, 100, None),
        (100, 64, None),
        (100, 60, "too few for the text"),
        (100, 189, None),
        (100, 195, "too many for the text"),
        (100, 0, "zero"),
        (0, 0, None),
        (100, -3, "negative"),
    ],
)
def test_a_stated_count_fits_the_text_or_not(estimate: int, stated: int, why: str | None) -> None:
    assert misfit(estimate, stated) == why


def test_whose_count_it_is() -> None:
    fits = tokens_of(_document(reasoning_tokens=170))
    assert (fits.tokens, fits.source, fits.flag) == (170, "api", None)
    assert fits.chars_per_token == pytest.approx(640 / 170)
    none = tokens_of(_document())
    assert (none.tokens, none.source, none.flag) == (168, "estimate", None)
    zero = tokens_of(_document(reasoning_tokens=0))
    assert (zero.tokens, zero.source, zero.flag) == (168, "estimate", "zero")
    below = tokens_of(_document(warnings=["negative_tokens"]))
    assert (below.tokens, below.flag) == (168, "negative")
    billed = tokens_of(_document(reasoning_tokens=9000))
    assert (billed.tokens, billed.source, billed.flag) == (168, "estimate", "too many for the text")


@pytest.mark.parametrize("kind", [k for k in ReasoningKind if k is not ReasoningKind.VISIBLE])
def test_a_text_that_is_not_the_thinking_is_not_counted(kind: ReasoningKind) -> None:
    stated = tokens_of(_document(reasoning_kind=kind, reasoning_tokens=9000))
    assert (stated.tokens, stated.source) == (9000, "api")
    silent = tokens_of(_document(reasoning_kind=kind))
    assert (silent.tokens, silent.source) == (None, None)
    numbers = {
        m.name: m.value for m in Overthinking().analyze(_document(reasoning_kind=kind)).metrics
    }
    assert numbers["reasoning_visible"] is False
    for name in ("thinking_tokens", "switches_per_1k", "hesitation_per_1k", "thinking_share"):
        assert numbers[name] is None, name


def test_a_placeholder_is_not_counted() -> None:
    text = "Thinking... " * 40
    assert is_placeholder(text)
    assert is_placeholder("想" * 50)
    assert not is_placeholder(TEXT)
    assert not is_placeholder("Thinking about it.")
    assert tokens_of(_document(text=text)).tokens is None
    assert tokens_of(_document(text=text, reasoning_tokens=4000)).tokens == 4000


def test_tokens_of_the_answer() -> None:
    answer = "There are 84 seats in the hall."
    assert answer_tokens(_document(answer=answer)) == (8, "estimate")
    stated = _document(answer=answer, reasoning_tokens=170, completion_tokens=179)
    assert answer_tokens(stated) == (9, "api")
    odd = _document(answer=answer, reasoning_tokens=170, completion_tokens=100)
    assert answer_tokens(odd) == (8, "estimate")
    assert answer_tokens(_document()) == (None, None)
    numbers = {m.name: m.value for m in Overthinking().analyze(stated).metrics}
    assert numbers["thinking_share"] == pytest.approx(170 / 179)


@pytest.mark.parametrize(
    ("stated", "closed"),
    [
        ({"answer": "84"}, True),
        ({"truncated": True}, False),
        ({"answer": "84", "warnings": ["missing_closer"]}, False),
        ({"finish_reason": FinishReason.STOP}, True),
        ({"finish_reason": FinishReason.LENGTH}, False),
        ({}, None),
    ],
)
def test_think_closed(stated: dict[str, Any], closed: bool | None) -> None:
    assert think_closed(_document(**stated)) is closed


# --- a tokenizer of our own ----------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A tokenizer.json that knows a few words and splits at white space and marks."""
    pytest.importorskip("tokenizers")
    folder = tmp_path / "heron-7b"
    folder.mkdir()
    vocabulary = {word: i for i, word in enumerate(["[UNK]", *dict.fromkeys(_WORDS)])}
    content = {
        "version": "1.0",
        "truncation": {
            "direction": "Right",
            "max_length": 5,
            "strategy": "LongestFirst",
            "stride": 0,
        },
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_tokenizer_counts_where_the_record_does_not(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Overthinking().config_hash()
    monkeypatch.setenv(tokenizer.SETTING, str(own))
    counted = tokens_of(_document())
    # 8 tokens a sentence; the file's own truncation to 5 does not apply.
    assert (counted.tokens, counted.source) == (160, "tokenizer:heron-7b")
    assert tokens_of(_document(reasoning_tokens=170)).source == "api"
    assert Overthinking().config_hash() != plain
    monkeypatch.setenv(tokenizer.SETTING, f"org/Heron-7B={own}")
    assert tokens_of(_document(model="heron-7b")).source == "tokenizer:heron-7b"
    assert tokens_of(_document(model="plover")).source == "estimate"


def test_a_tokenizer_of_the_local_cache(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "hub" / "models--org--Heron-7B" / "snapshots" / "abc"
    place.mkdir(parents=True)
    own.rename(place / "tokenizer.json")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv(tokenizer.SETTING, "auto")
    tokenizer._cached.cache_clear()
    assert tokens_of(_document(model="org/heron-7b")).source == "tokenizer:Heron-7B"
    assert tokens_of(_document(model="other")).source == "estimate"
    tokenizer._cached.cache_clear()


def test_a_bad_tokenizer_is_an_error_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(tokenizer.SETTING, str(tmp_path / "none.json"))
    with pytest.raises(UsageError, match="no tokenizer file"):
        tokenizer.validate()
    bad = tmp_path / "bad.json"
    bad.write_text("{}", encoding="utf-8")
    pytest.importorskip("tokenizers")
    monkeypatch.setenv(tokenizer.SETTING, str(bad))
    with pytest.raises(UsageError, match=r"bad\.json is no tokenizer"):
        tokenizer.validate()
    monkeypatch.delenv(tokenizer.SETTING)
    tokenizer.validate()


# --- from a file to a cell -----------------------------------------------------------------


def test_impossible_counts_are_warnings_and_flags(tmp_path: Path) -> None:
    rows = [
        {"id": "negative", "tokens_reasoning": -134, "tokens_completion": -20},
        {"id": "zero", "tokens_reasoning": 0},
        {"id": "more", "tokens_reasoning": 170, "tokens_completion": 90},
        {"id": "fine", "tokens_reasoning": 170, "tokens_completion": 190},
        {"id": "summary", "tokens_reasoning": 5000, "model": "gemini-2.5-pro"},
        {"id": "stand-in", "thinking": "Thinking... " * 30, "tokens_reasoning": 4000},
    ]
    base = {
        "question": "How many?",
        "thinking": TEXT,
        "output": "84",
        "correct": True,
        "model": "m",
    }
    path = tmp_path / "n.jsonl"
    path.write_text("\n".join(json.dumps({**base, **row}) for row in rows), encoding="utf-8")
    with open_store(tmp_path / "n.duckdb") as store:
        import_file(store, path)
        assert analyze(store, workers=0).n_failures == 0
        warned = store.rows(
            "SELECT t.external_id, w.code FROM warning w JOIN trace t USING (trace_id)"
            " WHERE w.code LIKE '%tokens' OR w.code LIKE 'more%' ORDER BY ALL"
        )
        flags = dict(
            store.rows(
                "SELECT t.external_id, m.text FROM metric m JOIN trace t USING (trace_id)"
                " WHERE m.name = 'token_count_flag'"
            )
        )
        cells = {row["model"]: row for row in samples.cells(store, Filters()).to_pylist()}
    assert warned == [
        ("more", "more_reasoning_than_completion"),
        ("negative", "negative_tokens"),
        ("zero", "zero_tokens"),
    ]
    assert flags["negative"] == "negative"
    assert flags["zero"] == "zero"
    assert flags["fine"] is None
    # The summary and the placeholder enter with their stated counts only, never with their text.
    assert cells["gemini-2.5-pro"]["mean_tokens"] == 5000
    assert cells["gemini-2.5-pro"]["token_source"] == "api"
    assert cells["m"]["n_tokens"] == 5
    assert cells["m"]["mean_tokens"] == pytest.approx((168 + 168 + 170 + 170 + 4000) / 5)
