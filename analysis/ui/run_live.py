"""A run while it goes on, and the report when it has ended."""

from __future__ import annotations

import time

import pandas as pd
import streamlit as st

from analysis.engines.monitor import Live, Snapshot
from analysis.progress import Progress, duration
from analysis.store import Store
from analysis.text.visible import visible
from analysis.ui import run_streams
from analysis.ui.compare_scope import SIDE_BY_SIDE
from analysis.ui.i18n import known, t, tn
from analysis.ui.jobs import Job, get_jobs
from analysis.ui.run_job import RunDone, Watch, latest
from analysis.ui.run_marks import Marked
from analysis.ui.run_strategies import strategy_report
from analysis.ui.state import href, page_path, show_error
from analysis.ui.text import plain
from analysis.views.runs import traces_of_run

STREAMS = 4
_LINKS = 3
_SHOWN = 500


def run_panel(store: Store) -> bool:
    """The run that goes on or has just ended; whether there is one that goes on."""
    found = latest()
    if found is None:
        return False
    if found[1].running:
        _running()
        return True
    _ended(store, found[1])
    return False


@st.fragment(run_every=0.5)
def _running() -> None:
    found = latest()
    if found is None or not found[1].running:
        st.rerun()
    watch, job = found
    with st.container(border=True, key="run_live"):
        monitor = watch.monitor
        snapshot = monitor.snapshot() if monitor is not None else None
        left, right = st.columns([5, 1], vertical_alignment="center")
        with left:
            if snapshot is None or snapshot.finished:
                _stage(job)
            else:
                _numbers(watch, snapshot)
        with right:
            _stop(watch, job, making=snapshot is None or not snapshot.finished)
        if snapshot is not None and not snapshot.finished:
            _streams(watch, snapshot)


def _stage(job: Job) -> None:
    moment = job.progress or Progress(t("Starting"), 0, None, "")
    amount = moment.amount if moment.unit else ""
    text = plain(", ".join(known(p) for p in (moment.stage, amount, moment.note) if p))
    if moment.fraction is None:
        st.caption(text)
    else:
        st.progress(moment.fraction, text=text)


def _numbers(watch: Watch, at: Snapshot) -> None:
    parts = [
        t("{done:,} of {total:,} traces", done=at.done, total=at.total),
        t("{tokens:,} tokens", tokens=at.tokens),
    ]
    if at.tokens_per_second:
        parts.append(t("{tokens_per_second:,.0f} tokens/s", tokens_per_second=at.tokens_per_second))
    if at.seconds_left is not None:
        parts.append(t("{duration} left", duration=duration(at.seconds_left)))
    if at.failed:
        parts.append(t("{failed:,} failed", failed=at.failed))
    text = f"**{plain(watch.model)}** {plain(', '.join(parts))}"
    st.progress(min(1.0, at.done / at.total) if at.total else 0.0, text=text)


def _stop(watch: Watch, job: Job, *, making: bool) -> None:
    asked = watch.stop if making else job.cancel
    if asked.cancelled:
        st.caption(t("Stopping …"))
    elif st.button(
        t("Stop"),
        icon=":material/stop:",
        key="run_stop",
        width="stretch",
        help=t("What is finished is kept. The rest can be made later."),
    ):
        asked.cancel()
        st.rerun(scope="fragment")


def _streams(watch: Watch, at: Snapshot) -> None:
    now = time.monotonic()
    marks, chosen = _shown(watch, at)
    for live in chosen:
        marks[live.key].see(live.reasoning, now, live.question)
    run_streams.show([(live, marks[live.key]) for live in chosen], key="run_streams")
    more = len(at.live) - len(chosen)
    if more > 0:
        st.caption(t("{more:,} more at the same time.", more=more))


def _shown(watch: Watch, at: Snapshot) -> tuple[dict[str, Marked], list[Live]]:
    """The streams to show, those of before at their places, and what was found in them.

    Kept for each session: two open pages do not see the same moments.
    """
    began, before = st.session_state.get("run_marks", (None, {}))
    known: dict[str, Marked] = before if began == watch.began else {}
    lives = {live.key: live for live in at.live}
    places = [key if key in lives else None for key in known]
    fresh = (key for key in lives if key not in known)
    keys = [key or next(fresh, None) for key in places]
    keys += [next(fresh, None) for _ in range(STREAMS - len(keys))]
    chosen = [key for key in keys if key is not None]
    marks = {key: known.get(key) or Marked() for key in chosen}
    st.session_state["run_marks"] = (watch.began, marks)
    return marks, [lives[key] for key in chosen]


def _ended(store: Store, job: Job) -> None:
    with st.container(border=True, key="run_ended"):
        if job.error is not None:
            show_error(job.error)
        elif isinstance(job.result, RunDone):
            _report(store, job.result)
        if st.button(t("Dismiss"), key="run_dismiss", type="tertiary"):
            get_jobs().dismiss()
            st.rerun()


def _report(store: Store, done: RunDone) -> None:
    report = done.report
    speed = (
        t(", {seconds:,.0f} tokens/s", seconds=report.tokens / report.seconds)
        if report.seconds > 0
        else ""
    )
    st.markdown(
        tn(
            ":material/check_circle: **{n:,} new trace**, {tokens:,} tokens in {duration}{speed}."
            " {n_findings:,} findings.",
            ":material/check_circle: **{n:,} new traces**, {tokens:,} tokens in {duration}{speed}."
            " {n_findings:,} findings.",
            report.new,
            tokens=report.tokens,
            duration=plain(duration(report.seconds)),
            speed=plain(speed),
            n_findings=done.analysis.n_findings,
        )
    )
    if report.failed:
        st.caption(
            t("{failed:,} ended with an error; they are kept as such.", failed=report.failed)
        )
        if report.first_error and not report.stopped:
            st.text(visible(t("The first: {error}", error=known(report.first_error))))
    if report.stopped:
        st.text(visible(t("It stopped: {stopped}", stopped=known(report.stopped))))
    if report.missing:
        st.caption(
            t(
                "{missing:,} of {total:,} are missing: go on below.",
                missing=report.missing,
                total=report.total,
            )
        )
    strategy_report(done.strategies)
    rows = traces_of_run(store, report.run_id)
    if not rows:
        return
    questions = {row["question_key"]: row["question"] for row in rows if row["question_key"]}
    with st.container(horizontal=True):
        st.page_link(
            page_path("compare"),
            label=t("Compare the cells"),
            icon=":material/bar_chart:",
            query_params={"dataset": done.datasets[0]} if len(done.datasets) == 1 else {},
        )
        for key, question in list(questions.items())[:_LINKS]:
            st.page_link(
                page_path("compare"),
                label=t("Compare: {value}", value=plain(question or key, 60)),
                icon=":material/view_column:",
                query_params={"view": SIDE_BY_SIDE, "question": key},
            )
        st.page_link(
            page_path("reader"),
            label=t("Read the first trace"),
            icon=":material/menu_book:",
            query_params={"trace": rows[0]["trace_id"]},
        )
    _table(rows)


def _table(rows: list[dict[str, object]]) -> None:
    verdicts = {True: t("right"), False: t("wrong"), None: None}
    budgets = any(row["budget"] is not None for row in rows[:_SHOWN])
    frame = pd.DataFrame(
        {
            "read": [href("reader", {"trace": row["trace_id"]}) for row in rows[:_SHOWN]],
            "compare": [
                href("compare", {"view": SIDE_BY_SIDE, "question": row["question_key"]})
                for row in rows[:_SHOWN]
            ],
            **{
                name: [
                    None if row[name] is None else visible(str(row[name])) for row in rows[:_SHOWN]
                ]
                for name in ("question", "effort")
            },
            **({"budget": [row["budget"] for row in rows[:_SHOWN]]} if budgets else {}),
            "tokens": [row["tokens"] for row in rows[:_SHOWN]],
            "answer": [visible(str(row["answer"] or row["error"] or "")) for row in rows[:_SHOWN]],
            "verdict": [verdicts[row["correct"]] for row in rows[:_SHOWN]],  # type: ignore[index]
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        placeholder="–",
        column_config={
            "read": st.column_config.LinkColumn("", display_text=t("Read"), width=60),
            "compare": st.column_config.LinkColumn("", display_text=t("Compare"), width=80),
            "question": t("Question"),
            "effort": st.column_config.TextColumn(t("Effort"), width=120),
            "budget": st.column_config.NumberColumn(
                t("Budget"), width=80, help=t("Most thinking tokens that were allowed.")
            ),
            "tokens": st.column_config.NumberColumn(
                t("Tokens"),
                width=80,
                help=t("Of the thinking; of the whole reply where only that is told."),
            ),
            "answer": t("Answer"),
            "verdict": st.column_config.TextColumn(t("Answer is"), width=80),
        },
    )
    if len(rows) > _SHOWN:
        st.caption(t("The first {SHOWN:,}.", SHOWN=_SHOWN))
