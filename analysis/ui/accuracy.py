"""Tables and texts of the Accuracy page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis.analyzers.registry import label_definitions
from analysis.behaviours.labels import LABELS
from analysis.evaluation.accuracy import Published
from analysis.evaluation.families import FAMILIES
from analysis.evaluation.sources import describe
from analysis.progress import CancelToken, ProgressCallback
from analysis.store import Store
from analysis.text.visible import visible
from analysis.ui.i18n import N_, known, t, tn
from analysis.ui.job_panel import job_panel, start_job
from analysis.ui.jobs import get_jobs
from analysis.ui.list_choice import pages
from analysis.ui.palette import label_name, ordered, title
from analysis.ui.state import page_path
from analysis.ui.text import plain
from analysis.ui.url_choice import segmented, select
from analysis.views import accuracy as view
from analysis.views.accuracy import Cell, Measurement, Mistakes, Place

_ROW = 35
_KEPT = 3
_JOB = N_("Measuring detectors")
WHO = {N_("People"): "human", N_("LLMs"): "llm"}
_PEOPLE = {"human": N_("people"), "llm": N_("LLM"), "mixed": N_("people and LLMs")}


def about(shipped: Published) -> str:
    """What the table is of, in a sentence or two."""
    more = shipped.about
    return t(
        "{detector}, on {more:,} labelled traces, {split}. Intervals: 95 %, bootstrap over traces.",
        detector=plain(shipped.detector),
        more=more.get("n_traces", 0),
        split=plain(known(shipped.split)),
    )


def choose(shipped: Published) -> dict[str, str | None]:
    """The widgets that narrow the table."""
    labels = ordered(row["label"] for row in shipped.rows)
    families = sorted({row["family"] for row in shipped.rows if row["family"]})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = _one(t("Label"), "cell_label", labels)
        family = _one(t("Models"), "cell_family", families)
        who = segmented(t("Labelled by"), list(WHO), key="labelled_by", shown=t)
    return {"label": label, "family": family, "annotator_kind": WHO.get(who or "")}


def figures(found: pa.Table, *, key: str) -> None:
    """A row a label, source and family, with intervals and n."""
    order = {label: place for place, label in enumerate(LABELS)}
    rows = sorted(found.to_pylist(), key=lambda r: order.get(r["label"], len(order)))
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    shown = pd.DataFrame(
        {
            "label": [title(r["label"]) for r in rows],
            "family": [visible(r["family"]) for r in rows],
            "who": [t(_PEOPLE.get(r["annotator_kind"], r["annotator_kind"])) for r in rows],
            "source": [visible(r["source"]) for r in rows],
            "precision": _floats(rows, "precision"),
            "p_interval": [_ends(r, "precision") for r in rows],
            "recall": _floats(rows, "recall"),
            "f1": _floats(rows, "f1"),
            "f1_interval": [_ends(r, "f1") for r in rows],
            "near": _floats(rows, "near_f1"),
            "n": [r["n"] for r in rows],
            "found": [r["n_predicted"] for r in rows],
            "traces": [r["n_traces"] for r in rows],
        }
    )
    st.dataframe(
        shown,
        key=key,
        hide_index=True,
        height=_height(len(rows), 16),
        placeholder="–",
        column_config={
            "label": text(t("Label"), width=130, pinned=True),
            "family": text(t("Models"), width=110),
            "who": text(t("Labelled by"), width=90),
            "source": text(t("Source"), width=190),
            "precision": number(t("Precision"), format="%.2f", width=80, help=t("Of what was found, how much is right.")),
            "p_interval": text("95 %", width=90, help=t("Interval of the precision.")),
            "recall": number(t("Recall"), format="%.2f", width=65, help=t("Of what is there, how much was found.")),
            "f1": number("F1", format="%.2f", width=55, help=t("Harmonic mean of precision and recall.")),
            "f1_interval": text("95 %", width=90, help=t("Interval of F1.")),
            "near": number(t("Near F1"), format="%.2f", width=75, help=t("F1 that forgives a shift of up to two segments.")),
            "n": number("n", format="localized", width=60, help=t("Labelled segments.")),
            "found": number(t("Found"), format="localized", width=65, help=t("Segments that the detector labels.")),
            "traces": number(t("Traces"), format="localized", width=65),
        },
    )  # fmt: skip


def reading() -> None:
    """What to make of the table, and how it is counted."""
    with st.popover(t("How to read this"), icon=":material/info:"):
        st.markdown(
            t(
                "**Counting.** A labelled segment counts as found when findings of the label cover at least"
                " half of its characters. A source is judged only on labels that it can express.\n\n"
                "**People first.** Labels by LLMs agree with people at .39 (backtracking) to .69 (checks"
                " opened): read them as a second opinion.\n\n"
                "**The ceiling.** Two people agree at about .7 to .9 with fine definitions, at .25 to .38 with"
                " coarse ones. No detector can be expected to agree more.\n\n"
                "**Near F1** tells a shift from a mistake: sources cut text differently.\n\n"
                "**Families differ.** Cue words of one family can be worth nothing on another. Compare"
                " models of different families only where both were measured.\n\n"
                "**Few positives.** Look at n and the interval before you believe a figure."
            )
        )


def sources(shipped: Published) -> None:
    """The sources of the table, and the model families."""
    with st.popover(t("Sources and families"), icon=":material/menu_book:"):
        for name in sorted({row["source"] for row in shipped.rows}):
            who = ", ".join(sorted({r["annotator"] for r in shipped.rows if r["source"] == name}))
            st.markdown(_source(name, who))
        st.markdown(t("**Model families**, told by the model’s name"))
        for name, _, note in FAMILIES:
            st.markdown(f"- {plain(name)}: {plain(known(note))}")


def _source(name: str, who: str) -> str:
    source = describe(name)
    title_of = known(source.title) if source else name
    head = f"**{plain(title_of)}** ({plain(name)}, {plain(who)})"
    if source is None:
        return head
    paper = f" arXiv {source.paper}." if source.paper else ""
    return f"{head}  \n{plain(known(source.note) + paper, 600)}"


@st.cache_resource(show_spinner=False)
def _measurements() -> dict[str, Measurement]:
    """The last measurements of this process, by path."""
    return {}


def panel() -> None:
    """The running job. A measurement that ended well needs no report: its figures stand below."""
    job = get_jobs().latest
    if job is not None and job.title == _JOB and not job.running and job.error is None:
        get_jobs().dismiss()
    job_panel()


def measure(store: Store) -> Measurement | None:
    """Ask for labelled files and measure on them; the measurement of these files, if there is one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given = st.text_input(
            t("Folder or file of labelled traces"),
            key="gold",
            bind="query-params",
            max_chars=1_000,
            placeholder="/path/to/gold",
            help=t(
                "JSONL, one trace a line: trace_id, source, reasoning, expresses, segments. What is"
                " exported from Annotate has this form; docs/evaluation.md has an example."
            ),
        )
        path = (given or "").strip()
        wanted = st.button(t("Measure"), icon=":material/target:", disabled=not path, key="measure")
    if wanted:
        start_job(_JOB, partial(_work, store, Path(path).expanduser()))
    return _measurements().get(str(Path(path).expanduser())) if path else None


def _work(store: Store, path: Path, progress: ProgressCallback, cancel: CancelToken) -> None:
    kept = _measurements()
    found = view.measure(path, store, progress=progress, cancel=cancel)
    kept.pop(str(path), None)
    while len(kept) >= _KEPT:
        kept.pop(next(iter(kept)))
    kept[str(path)] = found


def left_out(found: Measurement) -> str:
    """What a measurement is of, and what is not in it."""
    done = found.evaluation
    text = t("{name}, on {n_traces:,} labelled traces.", name=done.name, n_traces=done.n_traces)
    if done.n_degenerate:
        text += t(
            " {n_degenerate:,} flagged as loops are left out.", n_degenerate=done.n_degenerate
        )
    if done.failed:
        text += t(
            " {n_failed:,} are left out because an analyzer failed on them.",
            n_failed=len(done.failed),
        )
    if done.not_detected:
        text += t(" Nothing here detects: {value}.", value=", ".join(done.not_detected))
    return text


def choose_cell(found: Measurement) -> tuple[Cell, str] | None:
    """The cell and the kind of place that a person wants to see."""
    cells = view.cells(found.evaluation)
    if not cells:
        st.info(t("The detectors give none of the labels of these files."), icon=":material/info:")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = ordered(cells)
        label = str(
            select(
                t("Label"),
                labels,
                default=labels[0],
                key="error_label",
                shown=label_name,
                width=190,
            )
        )
        sources_of = sorted({c["source"] for c in cells[label]})
        source = _one(t("Source"), "error_source", sources_of)
        families = sorted(
            {c["family"] for c in cells[label] if c["family"] and source in (None, c["source"])}
        )
        family = _one(t("Models"), "error_family", families)
        kind = segmented(
            t("Show"),
            list(view.KINDS),
            default=view.KINDS[0],
            required=True,
            key="error_kind",
            on_change=_first_page,
        )
    return view.cell(found.evaluation, label, source, family), str(kind)


def definition(label: str) -> None:
    """What the label means, above its mistakes."""
    text = label_definitions().get(label)
    if text:
        st.caption(f"{plain(title(label))}: {plain(known(text), 600)}")


def mistakes(found: Mistakes, kind: str, label: str) -> None:
    """The places of a cell, each in its text."""
    counts = ", ".join(_count(name, n) for name, n in found.counts.items())
    st.caption(t("{counts}. Marked: the segment that was judged.", counts=plain(counts)))
    if not found.places:
        st.info(t("There is none of these in this cell."), icon=":material/check:")
        return
    for place, link in zip(found.places, found.links, strict=True):
        with st.container(border=True):
            _head(place, link, label)
            st.markdown(
                f"…{plain(place.left[-260:], 300)} :orange-background[**{plain(place.text, 900)}**]"
                f" {plain(place.right[:260], 300)}…"
            )
    pages(found.counts[kind], view.PAGE_SIZE, key="error_page")


def _count(name: str, n: int) -> str:
    if name == "true positive":
        return tn("{n:,} true positive", "{n:,} true positives", n)
    if name == "false positive":
        return tn("{n:,} false positive", "{n:,} false positives", n)
    return tn("{n:,} false negative", "{n:,} false negatives", n)


def _head(place: Place, link: tuple[str, int | None] | None, label: str) -> None:
    told = [place.trace_id, place.model or t("model not stated")]
    told.append(t("labelled: {labels}", labels=", ".join(place.labels) or t("nothing")))
    if place.score is not None:
        told.append(t("score {score:.2f}", score=place.score))
    if place.close and place.kind != "true positive":
        told.append(t("wrong by two segments or less"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(" · ".join(told), 300), width="stretch")
        if link is not None:
            query: dict[str, Any] = {"trace": link[0], "layers": label}
            if link[1] is not None:
                query["at"] = str(link[1])
            st.page_link(
                page_path("reader"),
                label=t("Read"),
                icon=":material/menu_book:",
                query_params=query,
            )


def _one(name: str, key: str, options: list[str]) -> str | None:
    return select(
        name,
        options,
        key=key,
        shown=label_name if key == "cell_label" else str,
        placeholder=t("All"),
        width=190,
        on_change=_first_page,
    )


def _first_page() -> None:
    if "error_page" in st.session_state:
        st.session_state["error_page"] = 1


def _floats(rows: list[dict[str, Any]], name: str) -> Any:
    return pd.array([row[name] for row in rows], dtype="Float64")


def _ends(row: dict[str, Any], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return "" if low is None or high is None else f"{low:.2f} – {high:.2f}"


def _height(rows: int, most: int) -> int:
    return _ROW * (min(max(rows, 1), most) + 1) + 3
