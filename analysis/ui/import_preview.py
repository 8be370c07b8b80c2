"""Choosing files, looking at how they would be read, correcting that, and importing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from analysis import limits
from analysis.errors import CotscopeError
from analysis.formats.mapping import FieldMapping
from analysis.formats.preview import Preview, Reading, RecordPreview, preview
from analysis.store import Store
from analysis.text.visible import visible
from analysis.ui.i18n import N_, known, t, tn
from analysis.ui.jobs import get_jobs
from analysis.ui.mapping_editor import mapping_editor
from analysis.ui.state import show_error
from analysis.ui.text import plain
from analysis.ui.uploads import ACCEPTED, Chosen, Upload, choose_paths, choose_uploads, load
from analysis.views.imports import known_files

_CHOSEN, _CACHE = "import_chosen", "import_previews"
_OFFERED = "path"
"""Files named in the address, once each: filled in, and imported only when a person says so."""
_CACHED = 4
_TEXT_CHARS, _TEXT_HEIGHT = 1_200, 520
_BUSY = N_("Another import or analysis is running. Wait for it or stop it first.")
_HOW = {
    "as it stands": N_("as it stands"),
    "mapped": N_("as the mapping says"),
    N_("derived"): N_("derived"),
    "constant": N_("a constant"),
    "worked out": N_("worked out"),
    "not stated": N_("not stated"),
}


def add_traces(store: Store, *, opened: bool) -> None:
    """The two ways to name files, and the preview of those that are chosen."""
    chosen: Chosen | None = st.session_state.get(_CHOSEN)
    if chosen is not None:
        _look(store, chosen)
        return
    offered = st.query_params.get_all(_OFFERED)[: limits.MAX_DROPPED_FILES]
    with st.expander(t("Add traces"), icon=":material/add:", expanded=opened or bool(offered)):
        upload_tab, path_tab = st.tabs(
            [t("Upload"), t("From this machine")],
            default=t("From this machine") if offered else None,
        )
        with upload_tab, st.form("upload", clear_on_submit=True, border=False):
            files = st.file_uploader(
                t("Trace dumps"),
                type=list(ACCEPTED),
                accept_multiple_files=True,
                help=t(
                    "Up to {MAX_UPLOAD_MB} MB each; larger files go in by path.",
                    MAX_UPLOAD_MB=limits.MAX_UPLOAD_MB,
                ),
            )
            name, wanted = _form("upload")
            if wanted and not files:
                st.caption(t("Choose a file first."))
            elif wanted and files:
                _go_on(store, wanted, lambda: choose_uploads([(f.name, f) for f in files], name))
        with path_tab, st.form("path", border=False):
            paths = _paths(offered)
            name, wanted = _form("path")
            if wanted:
                _go_on(store, wanted, lambda: choose_paths(paths, name))


def _paths(offered: Sequence[str]) -> list[str]:
    """The field for a path; one line a file where several were offered."""
    if len(offered) < 2:
        first = offered[0] if offered else ""
        return [
            st.text_input(
                t("File, folder or glob"), value=first, placeholder="/data/traces/*.jsonl.gz"
            )
        ]
    text = st.text_area(t("Files, folders or globs, one a line"), value="\n".join(offered))
    return [line for line in (text or "").split("\n") if line.strip()]


def _form(key: str) -> tuple[str, str | None]:
    """The rest of a form: (data set, 'import' or 'preview' or None)."""
    name = st.text_input(
        t("Data set (optional)"),
        placeholder=t("As the file says"),
        max_chars=200,
        key=f"{key}_name",
    )
    with st.container(horizontal=True):
        imports = st.form_submit_button(t("Import"), type="primary", icon=":material/upload:")
        looks = st.form_submit_button(
            t("Preview"), icon=":material/visibility:", help=t("Look first; nothing is stored.")
        )
    return name or "", "import" if imports else "preview" if looks else None


def _go_on(store: Store, wanted: str, choose: Any) -> None:
    try:
        chosen: Chosen = choose()
    except CotscopeError as error:
        show_error(error)
        return
    st.query_params.pop(_OFFERED, None)
    if wanted == "import":
        _start(store, chosen, None, again=False)
    else:
        st.session_state[_CHOSEN] = chosen
        st.rerun()


def _start(store: Store, chosen: Chosen, mapping: FieldMapping | None, *, again: bool) -> None:
    work = load(store, chosen, mapping=mapping, again=again)
    if get_jobs().start(N_("Import"), work) is None:
        st.caption(t(_BUSY))
        return
    st.session_state.pop(_CHOSEN, None)
    st.session_state.pop(_CACHE, None)
    st.rerun()


def _look(store: Store, chosen: Chosen) -> None:
    """The preview of the chosen files, the corrections, and the buttons."""
    with st.container(border=True):
        st.subheader(
            t("Preview"), help=t("How the first records would be read. Nothing is stored yet.")
        )
        upload = chosen.files[0]
        if len(chosen.files) > 1:
            upload = st.selectbox(
                t("{n_files} files; show", n_files=len(chosen.files)),
                chosen.files,
                format_func=lambda one: visible(one.name),
                key=f"file_{chosen.token}",
            )
        recognised = _preview(upload, None)
        correct = st.toggle(
            t("Correct the reading"),
            key=f"correct_{chosen.token}",
            help=t("Say which path of a record holds which field. Used for all chosen files."),
        )
        left, right = st.columns([2, 3], gap="medium")
        mapping = None
        if correct:
            with left, st.container(border=True):
                mapping = mapping_editor(store, recognised, chosen.token)
        shown = recognised if mapping is None else _preview(upload, mapping)
        with right:
            _facts(shown)
            record = _pick(shown, chosen.token)
            if record is not None:
                _record(record, chosen.token)
        if record is not None:
            with right if correct else left:
                st.caption(t("The record, as text"))
                st.code(
                    visible(record.text),
                    language=None,
                    wrap_lines=True,
                    height=_TEXT_HEIGHT if len(record.text) > _TEXT_CHARS else "content",
                )
        _buttons(store, chosen, mapping, blocked=correct and mapping is None)


def _buttons(store: Store, chosen: Chosen, mapping: FieldMapping | None, *, blocked: bool) -> None:
    sizes = [(one.name, one.path.stat().st_size) for one in chosen.files if one.path.exists()]
    known = known_files(store, sizes)
    again = False
    if known:
        again = st.checkbox(
            t("Replace what an earlier import of the same file gave"),
            value=mapping is not None,
            key=f"again_{chosen.token}_{mapping is not None}",
            help=t("A file that is already in is otherwise left as it is. Annotations are kept."),
        )
    with st.container(horizontal=True):
        title = t("Import with this mapping") if mapping is not None else t("Import as recognised")
        if st.button(title, type="primary", icon=":material/upload:", disabled=blocked):
            if all(one.path.exists() for one in chosen.files):
                _start(store, chosen, mapping, again=again)
            else:
                st.caption(t("The file is gone. Discard, and choose it again."))
        if st.button(t("Discard"), icon=":material/close:"):
            chosen.discard()
            st.session_state.pop(_CHOSEN, None)
            st.session_state.pop(_CACHE, None)
            st.rerun()


def _preview(upload: Upload, mapping: FieldMapping | None) -> Preview:
    """A preview, kept for the next rerun of the page."""
    kept: dict[object, Preview] = st.session_state.setdefault(_CACHE, {})
    key = (str(upload.path), mapping)
    if key not in kept:
        while len(kept) >= _CACHED:
            kept.pop(next(iter(kept)))
        with st.spinner(t("Reading the first records")):
            kept[key] = preview(upload.path, mapping=mapping, name=upload.name)
    return kept[key]


def _facts(shown: Preview) -> None:
    facts = shown.facts
    about = [facts.layout, facts.packing, facts.encoding, _size(shown.bytes)]
    st.markdown(f"**{plain(shown.name)}** · " + plain(" · ".join(known(f) for f in about if f)))
    if shown.error:
        st.markdown(t(":material/error: **This file would be refused**"))
        st.text(known(shown.error))
    records = tn("{n:,} record", "{n:,} records", len(shown.records))
    whole = t("all of the file") if shown.complete else t("more follow")
    st.caption(
        t(
            "{records} read ({whole}): {n_traces:,} traces, {n_rejected:,} to quarantine,"
            " {n_unsure:,} unsure",
            records=plain(records),
            whole=plain(whole),
            n_traces=shown.n_traces,
            n_rejected=shown.n_rejected,
            n_unsure=shown.n_unsure,
        )
    )


def _size(size: int) -> str:
    if size < 1_000_000:
        return f"{size / 1e3:,.1f} kB"
    return f"{size / 1e6:,.1f} MB"


def _pick(shown: Preview, token: str) -> RecordPreview | None:
    """The record that a person wants to see."""
    if not shown.records:
        return None
    at = st.selectbox(
        t("Record"),
        range(len(shown.records)),
        format_func=lambda i: _label(shown.records[i]),
        key=f"record_{token}",
    )
    return shown.records[at]


def _label(record: RecordPreview) -> str:
    state = t("unsure") if record.doubts else t("read")
    if record.rejected is not None:
        state = t("to quarantine")
    many = t(", {n_traces} traces", n_traces=record.n_traces) if record.n_traces > 1 else ""
    return visible(f"{known(record.where.capitalize())}: {state}{many}")


def _record(record: RecordPreview, token: str) -> None:
    if record.rejected is not None:
        st.markdown(t(":material/report: **Goes to quarantine**"))
        st.text(f"{known(record.rejected.reason)} [{record.rejected.code}]")
        if record.value is not None:
            st.caption(t("Say where its texts stand with 'Correct the reading' above."))
        return
    if record.doubts:
        st.markdown(t(":material/help: **The reading is unsure**"))
        st.text("\n".join(known(doubt) for doubt in record.doubts))
    reading = record.traces[0]
    if len(record.traces) > 1:
        part = st.selectbox(
            t("Trace"),
            range(len(record.traces)),
            format_func=lambda i: t("{i} of {n_traces}", i=i + 1, n_traces=record.n_traces),
            key=f"part_{token}_{record.index}",
        )
        reading = record.traces[part]
    own = reading.format_id.startswith("mapping:")
    sure = "" if own else t(" · confidence {confidence:.2f}", confidence=reading.confidence)
    st.markdown(
        t("Read as **{format_id}**{sure}", format_id=plain(reading.format_id), sure=plain(sure)),
        help=plain(known(reading.title)),
    )
    _fields(reading)
    if warnings := [*record.warnings, *reading.warnings]:
        st.caption(t("Warnings"))
        st.text("\n".join(f"{w.code}: {visible(w.detail)}" for w in warnings))
    for other in record.others:
        with st.expander(
            t("Other reading: {title}", title=plain(known(other.title))),
            icon=":material/alt_route:",
        ):
            _fields(other)
    if reading.n_left:
        title = t("Left in metadata ({n_left:,})", n_left=reading.n_left)
        with st.expander(title, icon=":material/inventory_2:"):
            _left(reading.left)


def _fields(reading: Reading) -> None:
    rows = [
        {
            "field": one.field,
            "value": visible(one.value) if one.value is not None else None,
            "from": visible(one.path) if one.path else None,
            "how": ", ".join(
                p for p in (t(_HOW.get(one.how, one.how)), one.note and known(one.note)) if p
            ),
            "chars": one.chars,
        }
        for one in reading.fields
    ]
    frame = pd.DataFrame(rows, columns=["field", "value", "from", "how", "chars"])
    frame["chars"] = frame["chars"].astype("Int64")
    st.dataframe(
        frame,
        hide_index=True,
        placeholder="–",
        column_config={
            "field": st.column_config.TextColumn(t("Field"), width=120, pinned=True),
            "value": st.column_config.TextColumn(t("Begins"), width=200),
            "from": st.column_config.TextColumn(
                t("From"), width=170, help=t("The place in the record that it came from.")
            ),
            "how": st.column_config.TextColumn(t("How"), width=140),
            "chars": st.column_config.NumberColumn(t("Characters"), format="localized", width=90),
        },
    )


def _left(left: Sequence[tuple[str, str]]) -> None:
    frame = pd.DataFrame(
        [(visible(path), visible(value)) for path, value in left], columns=[t("Path"), t("Value")]
    )
    st.dataframe(frame, hide_index=True)
