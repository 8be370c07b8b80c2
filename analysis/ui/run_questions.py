"""The questions of a run: typed, from a file, from a data set, or sums for the model that adds."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from analysis.engines.questions import Question, read_questions, typed_questions
from analysis.errors import UsageError
from analysis.store import Store
from analysis.text.visible import visible
from analysis.views.runs import questions_of
from analysis.views.traces import choices

SUFFIXES = ("jsonl", "txt", "csv", "json", "parquet")
MAX_FROM_DATASET = 10_000
MAX_SUMS = 500
_PREVIEW = 5

SUMS, TYPED, UPLOADED, STORED = "Sums", "Type or paste", "Upload", "Data set"


def choose_questions(store: Store, *, tiny: bool) -> tuple[Question, ...]:
    """What the person chose; empty while nothing is. Raises ``InputError`` or ``UsageError``."""
    ways: dict[str, Callable[[Store], tuple[Question, ...]]] = {
        TYPED: _typed,
        UPLOADED: _uploaded,
        STORED: _stored,
    }
    if tiny:
        ways = {SUMS: _sums, **ways}
    # A key for each list of ways: a choice that the list does not have would be an error.
    way = st.segmented_control(
        "Questions from",
        list(ways),
        default=next(iter(ways)),
        required=True,
        key=f"run_from_{tiny}",
    )
    found = ways[way or next(iter(ways))](store)
    if found:
        _preview(found)
    return found


def sums(count: int, digits: int, seed: int) -> tuple[Question, ...]:
    """``count`` different additions of numbers of up to ``digits`` digits, with their answers.

    The same seed gives the same sums. Fewer where there are not so many.
    """
    top = 10**digits - 1
    count = min(count, top * top)
    pairs: dict[tuple[int, int], None] = {}
    draw = random.Random(seed)
    while len(pairs) < count:
        pairs[draw.randint(1, top), draw.randint(1, top)] = None
    return tuple(Question(f"What is {a}+{b}?", f"{a}+{b}", str(a + b), "sums") for a, b in pairs)


def _sums(_: Store) -> tuple[Question, ...]:
    left, middle, right = st.columns(3)
    count = left.number_input("How many", 1, MAX_SUMS, 4, key="run_sums")
    digits = middle.number_input(
        "Most digits", 1, 3, 2, key="run_digits", help="At three digits this model often fails."
    )
    seed = right.number_input("Seed of the sums", 0, value=0, key="run_sums_seed")
    return sums(int(count), int(digits), int(seed))


def _typed(_: Store) -> tuple[Question, ...]:
    whole = st.toggle("All of it is one question", key="run_whole")
    text = st.text_area(
        "Question" if whole else "Questions, one a line",
        placeholder="What is 68+57?",
        height=130,
        key="run_typed",
    )
    parts = [text] if whole else text.splitlines()
    return tuple(typed_questions(parts, dataset="typed"))


def _uploaded(_: Store) -> tuple[Question, ...]:
    upload = st.file_uploader(
        "A file of questions",
        type=list(SUFFIXES),
        key="run_upload",
        help=(
            "Text: one question a line. Records: the question under question, problem or prompt,"
            " and the answer to judge by, if known, under gold or answer."
        ),
    )
    if upload is None:
        return ()
    kept = st.session_state.get("run_read")
    if kept is None or kept[0] != upload.file_id:
        kept = (upload.file_id, read_upload(upload.name, upload.getvalue()))
        st.session_state["run_read"] = kept
    found: tuple[Question, ...] = kept[1]
    return found


def read_upload(name: str, content: bytes) -> tuple[Question, ...]:
    """The questions of an uploaded file; its name is only a label.

    Raises ``UsageError`` for another kind of file, ``InputError`` for one that cannot be read.
    """
    label = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem, _, suffix = label.rpartition(".")
    if suffix.lower() not in SUFFIXES:
        raise UsageError("This is no file of questions.", remedy=f"Upload {', '.join(SUFFIXES)}.")
    with tempfile.TemporaryDirectory(prefix="cotscope-") as folder:
        # The name is ours: what a browser says is only a label.
        path = Path(folder) / f"questions.{suffix.lower()}"
        path.write_bytes(content)
        return tuple(read_questions(path, dataset=stem[:100] or "uploaded"))


def _stored(store: Store) -> tuple[Question, ...]:
    datasets = [name for name, _ in choices(store)["dataset"]]
    if not datasets:
        st.info(
            "The database has no data set yet: add one in the Library.", icon=":material/inbox:"
        )
        return ()
    left, right = st.columns([3, 1])
    dataset = left.selectbox("Data set", datasets, format_func=visible, key="run_dataset")
    limit = right.number_input("First questions", 1, MAX_FROM_DATASET, 10, key="run_first")
    found = questions_of(store, dataset, int(limit))
    if not found:
        st.info("The traces of this data set do not tell their questions.", icon=":material/inbox:")
    return found


def _preview(questions: tuple[Question, ...]) -> None:
    judged = sum(q.gold is not None for q in questions)
    with st.expander(
        f"{len(questions):,} question{_plural(len(questions))}, {judged:,} with a known answer"
    ):
        for question in questions[:_PREVIEW]:
            gold = f"  →  {question.gold}" if question.gold is not None else ""
            st.text(visible(f"{question.text[:500]}{gold[:100]}"))
        if len(questions) > _PREVIEW:
            st.caption(f"and {len(questions) - _PREVIEW:,} more")


def _plural(number: int) -> str:
    return "" if number == 1 else "s"
