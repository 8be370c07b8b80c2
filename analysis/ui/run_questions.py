"""The questions of a run: typed, from a file, from a data set, or sums for the model that adds."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from analysis.engines.gym import EXTRA, gym_questions, installed, judges_itself, tasks
from analysis.engines.questions import Question, read_questions, typed_questions
from analysis.errors import InputError, UsageError
from analysis.store import Store
from analysis.text.visible import visible
from analysis.ui.i18n import N_, fixed, known, t, tn
from analysis.ui.text import plain
from analysis.views.runs import questions_of
from analysis.views.traces import choices

SUFFIXES = ("jsonl", "txt", "csv", "json", "parquet")
MAX_FROM_DATASET = 10_000
MAX_SUMS = 500
_PREVIEW = 5

SUMS, TYPED, UPLOADED, STORED = N_("Sums"), N_("Type or paste"), N_("Upload"), N_("Data set")
GYM = "reasoning-gym"
MAX_GYM = 10_000


def choose_questions(store: Store, *, tiny: bool) -> tuple[Question, ...]:
    """What the person chose; empty while nothing is. Raises ``InputError`` or ``UsageError``."""
    ways: dict[str, Callable[[Store], tuple[Question, ...]]] = {
        TYPED: _typed,
        UPLOADED: _uploaded,
        STORED: _stored,
        GYM: _gym,
    }
    if tiny:
        ways = {SUMS: _sums, **ways}
    # A key for each list of ways: a choice that the list does not have would be an error.
    way = st.segmented_control(
        t("Questions from"),
        list(ways),
        default=next(iter(ways)),
        required=True,
        format_func=fixed(ways, t),
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
    count = left.number_input(t("How many"), 1, MAX_SUMS, 4, key="run_sums")
    digits = middle.number_input(
        t("Most digits"),
        1,
        3,
        2,
        key="run_digits",
        help=t("At three digits this model often fails."),
    )
    seed = right.number_input(t("Seed of the sums"), 0, value=0, key="run_sums_seed")
    return sums(int(count), int(digits), int(seed))


def _gym(_: Store) -> tuple[Question, ...]:
    """Questions that reasoning-gym makes, with answers that can be checked."""
    if not installed():
        st.info(
            t(
                "reasoning-gym makes questions whose answers can be checked. It is not installed"
                " here: {EXTRA}",
                EXTRA=plain(known(EXTRA)),
            ),
            icon=":material/download:",
        )
        return ()
    left, middle, right = st.columns([2, 1, 1])
    names = tasks()
    task = left.selectbox(t("Task"), names, index=names.index("chain_sum"), key="run_gym")
    size = middle.number_input(t("How many"), 1, MAX_GYM, 10, key="run_gym_size")
    seed = right.number_input(t("Seed of the questions"), 0, value=0, key="run_gym_seed")
    st.caption(
        t("Answers are judged by the library's own scorer of this task: several may be right.")
        if judges_itself(task)
        else t("Answers are compared with the gold answer by CoTScope's verifier.")
    )
    return tuple(gym_questions(task, int(size), int(seed)))


def _typed(_: Store) -> tuple[Question, ...]:
    whole = st.toggle(t("All of it is one question"), key="run_whole")
    text = st.text_area(
        t("Question") if whole else t("Questions, one a line"),
        placeholder="What is 68+57?",
        height=130,
        key="run_typed",
    )
    parts = [text] if whole else text.splitlines()
    return tuple(typed_questions(parts))


def _uploaded(_: Store) -> tuple[Question, ...]:
    upload = st.file_uploader(
        t("A file of questions"),
        type=list(SUFFIXES),
        key="run_upload",
        help=(
            t(
                "Text: one question a line. Records: the question under question, problem or prompt,"
                " and the answer to judge by, if known, under gold or answer."
            )
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
        try:
            return tuple(read_questions(path, dataset=stem[:100] or "uploaded"))
        except InputError as error:
            message = error.message.replace(path.name, label[:100], 1)
            raise InputError(message, remedy=error.remedy) from error


def _stored(store: Store) -> tuple[Question, ...]:
    datasets = [name for name, _ in choices(store)["dataset"]]
    if not datasets:
        st.info(
            t("The database has no data set yet: add one in the Library."), icon=":material/inbox:"
        )
        return ()
    left, right = st.columns([3, 1])
    dataset = left.selectbox(t("Data set"), datasets, format_func=visible, key="run_dataset")
    limit = right.number_input(t("First questions"), 1, MAX_FROM_DATASET, 10, key="run_first")
    found = questions_of(store, dataset, int(limit))
    if not found:
        st.info(
            t("The traces of this data set do not tell their questions."), icon=":material/inbox:"
        )
    return found


def _preview(questions: tuple[Question, ...]) -> None:
    judged = sum(q.gold is not None for q in questions)
    with st.expander(
        tn(
            "{n:,} question, {judged:,} with a known answer",
            "{n:,} questions, {judged:,} with a known answer",
            len(questions),
            judged=judged,
        )
    ):
        for question in questions[:_PREVIEW]:
            gold = f"  →  {question.gold}" if question.gold is not None else ""
            st.text(visible(f"{question.text[:500]}{gold[:100]}"))
        if len(questions) > _PREVIEW:
            st.caption(t("and {PREVIEW:,} more", PREVIEW=len(questions) - _PREVIEW))
