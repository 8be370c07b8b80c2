"""The parts of the Annotate page: the name, queues, progress, agreement, adjudication."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis.annotation.queues import DEFAULT_LIMIT, KINDS, QueueItem, QueueSpec, next_open
from analysis.annotation.ratings import Difference
from analysis.errors import CotscopeError
from analysis.store import Store
from analysis.store.annotations import adjudicate
from analysis.ui import palette
from analysis.ui.i18n import N_, known, t, tn
from analysis.ui.state import href, page_path, show_error
from analysis.ui.text import plain, visible
from analysis.ui.url_choice import segmented, select
from analysis.views import annotations as view
from analysis.views.traces import choices

CONTEXT_CHARS = 220
LISTED = 50
_ALL = N_("All")
_ERROR = "annotate_error"


def name_field() -> str:
    """Who annotates: kept for the session, the same as on Verdicts and in the Reader."""
    if not st.session_state.get("annotator"):
        st.session_state["annotator"] = os.environ.get("COTSCOPE_ANNOTATOR", "")
    given = st.text_input(
        t("Your name"),
        key="annotator",
        max_chars=80,
        placeholder=t("Name or initials"),
        persist_state="session",
    )
    return (given or "").strip()


def queue_form(store: Store) -> QueueSpec:
    """What to look at; in the URL, so that a link gives the same queue."""
    found = choices(store)
    kind = segmented(
        t("Queue"),
        list(KINDS),
        default="uncertain",
        required=True,
        key="q_kind",
        help=" ".join(
            f"**{known(name).capitalize()}**: {known(words)}" for name, words in KINDS.items()
        ),
    )
    st.caption(known(KINDS[str(kind or "uncertain")]))
    columns = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
    labels = palette.ordered(value for value, _ in found["label"])
    label = ""
    if kind != "unlabelled":
        label = _pick(columns[0], t("Label"), "q_label", labels)
    dataset = _pick(
        columns[1], t("Data set"), "q_dataset", [value for value, _ in found["dataset"]]
    )
    seed, threshold = 0, 0.5
    if kind == "uncertain":
        threshold = columns[2].number_input(
            t("Threshold"),
            0.0,
            1.0,
            0.5,
            0.05,
            key="q_threshold",
            bind="query-params",
            help=t("Findings with a score nearest to it come first."),
        )
    elif kind != "disagreement":
        seed = columns[2].number_input(
            t("Seed"),
            0,
            999_999,
            0,
            key="q_seed",
            bind="query-params",
            help=t("Another seed, another order."),
        )
    limit = columns[3].number_input(
        t("At most"), 1, 5_000, DEFAULT_LIMIT, key="q_limit", bind="query-params"
    )
    return QueueSpec(
        str(kind or "uncertain"),
        label=label,
        dataset=dataset,
        seed=int(seed),
        threshold=float(threshold),
        limit=int(limit),
    )


def _pick(
    place: st.delta_generator.DeltaGenerator, title: str, key: str, options: list[str]
) -> str:
    chosen = select(
        title,
        options,
        place=place,
        placeholder=t(_ALL),
        key=key,
        shown=palette.label_name if key == "q_label" else str,
    )
    return chosen or ""


def queue_panel(store: Store, spec: QueueSpec, annotator: str) -> None:
    """How far the queue is, the way to its next open item, and the items."""
    items = view.queue_items(store, spec)
    if not items:
        st.info(t(_EMPTY[spec.kind]), icon=":material/inbox:")
        return
    done = view.queue_done(store, spec, items, annotator)
    n_done = sum(done)
    who = (
        t("settled")
        if spec.kind == "disagreement"
        else t("done by you")
        if annotator
        else t("done")
    )
    st.progress(
        n_done / len(items),
        text=t("{n_done:,} of {n_items:,} {who}", n_done=n_done, n_items=len(items), who=who),
    )
    to = next_open(done, -1)
    with st.container(horizontal=True, vertical_alignment="center"):
        words = t("Start again from the first") if to is None else t("Open item {to:,}", to=to + 1)
        if st.button(words, type="primary", icon=":material/play_arrow:", key="open_next"):
            st.switch_page(page_path("reader"), query_params=_query(spec, to or 0))
        if to is None:
            st.caption(t(":material/done_all: All items are done"))
        st.caption(t("In the Reader: Y right, X wrong, I label, G next open item, ? all keys"))
    _items(spec, items, done)


_EMPTY = {
    "uncertain": N_(
        "No findings here. Analyse traces on the Library page, or choose another label."
    ),
    "random": N_("No findings here. Analyse traces on the Library page, or choose another label."),
    "disagreement": N_(
        "Nobody disagrees. Differences appear once two people have annotated the same traces."
    ),
    "unlabelled": N_("No traces with reasoning here. Import some on the Library page."),
}


def _query(spec: QueueSpec, number: int) -> dict[str, str]:
    return {"queue": spec.to_text(), "item": str(number + 1)}


def _items(spec: QueueSpec, items: Sequence[QueueItem], done: Sequence[bool]) -> None:
    shown = list(zip(items, done, strict=True))[:LISTED]
    frame = pd.DataFrame(
        {
            "open": [href("reader", _query(spec, n)) for n in range(len(shown))],
            "item": list(range(1, len(shown) + 1)),
            "done": [t("done") if is_done else "" for _, is_done in shown],
            "label": [
                visible(palette.title(i.label)) if i.label else t("whole trace") for i, _ in shown
            ],
            "score": pd.array([i.score for i, _ in shown], dtype="Float64"),
            "from": pd.array([i.start if i.label else None for i, _ in shown], dtype="Int64"),
            "trace": [i.trace_id[:12] for i, _ in shown],
        }
    )
    with st.expander(t("The items ({n_items:,})", n_items=len(items))):
        st.dataframe(
            frame,
            hide_index=True,
            placeholder="–",
            column_config={
                "open": st.column_config.LinkColumn("", display_text=t("Open"), width=60),
                "item": st.column_config.NumberColumn(t("Item"), width=60),
                "done": st.column_config.TextColumn(t("State"), width=70),
                "label": t("Label"),
                "score": st.column_config.NumberColumn(t("Score"), format="%.2f", width=70),
                "from": st.column_config.NumberColumn(t("At character"), format="localized"),
                "trace": t("Trace"),
            },
        )
        if len(items) > len(shown):
            st.caption(t("The first {n_shown:,}.", n_shown=len(shown)))


def progress_table(table: pa.Table) -> None:
    """What each annotator has done."""
    if not table.num_rows:
        st.caption(t("Nobody has annotated anything yet. Open an item of a queue to begin."))
        return
    frame = table.to_pandas()
    frame["annotator"] = [visible(name) for name in frame["annotator"]]
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "annotator": t("Annotator"),
            "traces": t("Traces"),
            "finish": st.column_config.NumberColumn(
                t("Finished"), help=t("Traces gone through whole.")
            ),
            "accept": st.column_config.NumberColumn(t("Right"), help=t("Findings accepted.")),
            "reject": st.column_config.NumberColumn(t("Wrong"), help=t("Findings rejected.")),
            "move": t("Moved"),
            "add": t("Added"),
            "comment": t("Comments"),
            "mark": t("Marks"),
            "adjudicate": t("Settled"),
            "last": st.column_config.DatetimeColumn(t("Last (UTC)")),
        },
    )


def agreement_table(rows: Sequence[view.Agreement]) -> None:
    """Agreement by label and pair."""
    if not rows:
        st.caption(t("Agreement needs two people who annotated the same traces."))
        return
    st.dataframe(
        pd.DataFrame(
            {
                "label": [visible(palette.title(r.label)) for r in rows],
                "who": [visible(r.who) for r in rows],
                "sentences": [r.sentences for r in rows],
                "kappa": pd.array([r.kappa for r in rows], dtype="Float64"),
                "alpha": pd.array([r.alpha for r in rows], dtype="Float64"),
                "span_f1": pd.array([r.span_f1 for r in rows], dtype="Float64"),
                "spans": [r.spans for r in rows],
            }
        ),
        hide_index=True,
        placeholder="–",
        column_config={
            "label": t("Label"),
            "who": t("Annotators"),
            "sentences": st.column_config.NumberColumn(
                t("Sentences"), help=t("Rated by at least two of them.")
            ),
            "kappa": st.column_config.NumberColumn(
                t("Kappa"),
                format="%.2f",
                help=t(
                    "Cohen's for two people, Fleiss' for more: agreement beyond chance, 1 is full."
                    " – : not defined, for example because nobody gave the label."
                ),
            ),
            "alpha": st.column_config.NumberColumn(
                t("Alpha"), format="%.2f", help=t("Krippendorff's, nominal; takes missing ratings.")
            ),
            "span_f1": st.column_config.NumberColumn(
                t("Span F1"),
                format="%.2f",
                help=t("Spans matched one to one, at most so many sentences apart."),
            ),
            "spans": st.column_config.NumberColumn(
                t("Spans"), help=t("Of both, where both looked.")
            ),
        },
    )


def adjudication(store: Store, found: Sequence[tuple[str, Difference]], annotator: str) -> None:
    """One open difference at a time, with what each says, and the decision that counts."""
    error = st.session_state.pop(_ERROR, None)
    if error is not None:
        show_error(error)
    left = [pair for pair in found if pair[1].settled is None]
    st.caption(
        tn(
            "{n:,} difference, {n_left:,} settled.",
            "{n:,} differences, {n_left:,} settled.",
            len(found),
            n_left=len(found) - len(left),
        )
    )
    if not left:
        return
    skipped = int(st.session_state.get("adjudicate_at", 0)) % len(left)
    trace_id, one = left[skipped]
    with st.container(border=True):
        st.markdown(
            t(
                "**{palette}**: does this passage have the label?",
                palette=plain(palette.title(one.label)),
            )
        )
        before, passage, after = view.passage(store, trace_id, one.start, one.end, CONTEXT_CHARS)
        st.code(visible(f"{before}⟪{passage}⟫{after}"), language=None, wrap_lines=True)
        st.text(
            visible(
                t(
                    "Yes, say: {value}. No, say: {value_2}.",
                    value=", ".join(one.yes),
                    value_2=", ".join(one.no),
                )
            )
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            for title, holds, icon in (
                (t("Yes, it has"), True, ":material/check:"),
                (t("No, it has not"), False, ":material/close:"),
            ):
                st.button(
                    title,
                    key=f"adjudicate_{holds}",
                    icon=icon,
                    disabled=not annotator,
                    help=None if annotator else t("Fill in your name first."),
                    on_click=_settle,
                    args=(store, trace_id, annotator, one, holds),
                )
            st.button(
                t("Leave"), key="adjudicate_leave", icon=":material/skip_next:", on_click=_leave
            )
            st.page_link(
                page_path("reader"),
                label=t("Open in the Reader"),
                icon=":material/menu_book:",
                query_params={"trace": trace_id, "layers": one.label},
            )


def _settle(store: Store, trace_id: str, name: str, one: Difference, holds: bool) -> None:
    try:
        adjudicate(store, trace_id, name, one.label, (one.start, one.end), holds=holds)
    except CotscopeError as error:
        st.session_state[_ERROR] = error


def _leave() -> None:
    st.session_state["adjudicate_at"] = int(st.session_state.get("adjudicate_at", 0)) + 1
