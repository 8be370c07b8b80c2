"""Widgets that let a person say which path of a record holds which field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import streamlit as st

from analysis.errors import UsageError
from analysis.formats.mapping import FieldMapping
from analysis.formats.mapping_spec import EVERY, FIELDS, VERSION, VERSION_KEY
from analysis.formats.preview import Preview
from analysis.formats.record_path import parse_path
from analysis.formats.suggest import path_options, suggest_mapping
from analysis.store import Store
from analysis.store.mappings import list_mappings, save_mapping
from analysis.text.visible import visible
from analysis.ui.i18n import N_, fixed, known, t
from analysis.ui.state import show_error
from analysis.views.imports import file_stem

NOT_STATED = N_("not stated")
APART, ONE = N_("in two places"), N_("in one text")
_RECOGNISED = N_("what was recognised")
_TITLES = {
    "question": N_("Question"),
    "system_prompt": N_("System prompt"),
    "reasoning": N_("Reasoning"),
    "answer": N_("Answer"),
    "response": N_("Text with both"),
    "model": N_("Model"),
    "gold_answer": N_("Gold answer"),
    "effort": N_("Effort"),
    "correct": N_("Correct"),
    "external_id": N_("Id of the row"),
}
_MAIN = ("question", "system_prompt", "model", "effort", "gold_answer", "correct", "external_id")
_MORE = tuple(f for f in FIELDS if f not in (*_MAIN, "reasoning", "answer", "response"))
_SPLITS = {
    "tags": N_("known marks, such as <think>"),
    "heading": N_("a **Final Answer** heading"),
    "markers": N_("marks of your own"),
    "none": N_("not at all: all of it is the answer"),
}
_HELP = N_(
    "Choose a path, or type one: a.b, list[0], list[*] for one trace an item,"
    " messages[role=user].content. A constant is typed with an equals sign: =low"
)


def mapping_editor(store: Store, recognised: Preview, token: str) -> FieldMapping | None:
    """Draw the editor; the mapping as it stands, or None while it cannot be used."""
    saved = {one.mapping.name: one.mapping for one in list_mappings(store)}
    start = st.selectbox(
        t("Start from"),
        [_RECOGNISED, *saved],
        format_func=fixed([_RECOGNISED], t),
        key=f"map_{token}_start",
        help=t("Mappings that you save are offered here for every import."),
    )
    begun = saved.get(start) or _suggested(recognised)
    stem = begun.name if start in saved and begun else file_stem(recognised.name)
    key = f"map_{token}_{start}"
    st.caption(t(_HELP))
    records = [r for r in recognised.records if r.value is not None]
    wrapped = st.session_state.get(f"{key}_rows", (begun.rows if begun else None) or "")
    options = path_options(records, wrapped.strip() or None) if _is_path(wrapped) else []
    spec: dict[str, Any] = {VERSION_KEY: VERSION}
    rows = _texts(begun, options, key)
    spec |= rows
    with st.expander(t("More fields"), icon=":material/tune:"):
        spec["fields"] |= _grid(_MORE, begun, options, key)
        st.session_state.setdefault(f"{key}_rows", wrapped)
        st.text_input(
            t("Rows stand in"),
            key=f"{key}_rows",
            help=t(
                "For a record that wraps a list of rows: the path of that list, such as results;"
                " * where every value of the record is a row. The paths above then start at a row."
            ),
        )
        if wrapped.strip():
            spec["rows"] = wrapped.strip()
    name = st.text_input(t("Name of this mapping"), value=stem, key=f"{key}_name", max_chars=60)
    try:
        mapping = FieldMapping.from_json(spec, name=(name or "").strip())
    except UsageError as error:
        show_error(error)
        return None
    _keep(store, mapping, key)
    return mapping


def _texts(begun: FieldMapping | None, options: Sequence[str], key: str) -> dict[str, Any]:
    """The model's texts, how they are told apart, and the fields that most records have."""
    one = begun is not None and begun.source("response") is not None
    where = st.segmented_control(
        t("Reasoning and answer stand"),
        [APART, ONE],
        format_func=fixed([APART, ONE], t),
        default=ONE if one else APART,
        required=True,
        key=f"{key}_where",
    )
    found: dict[str, Any] = {"fields": {}}
    if where == ONE:
        found["fields"] |= _grid(("response",), begun, options, key)
        found["split"] = _split(begun, key)
    else:
        found["fields"] |= _grid(("reasoning", "answer"), begun, options, key)
    found["fields"] |= _grid(_MAIN, begun, options, key)
    if where == ONE and "response" not in found["fields"]:
        del found["split"]
    return found


def _grid(
    names: Sequence[str], begun: FieldMapping | None, options: Sequence[str], key: str
) -> dict[str, Any]:
    """Two columns of fields; only what is stated."""
    found: dict[str, Any] = {}
    columns = st.columns(2) if len(names) > 2 else [st.container()]
    for at, name in enumerate(names):
        with columns[at % len(columns)]:
            value = _field(name, begun, options, key)
        if value is not None:
            found[name] = value
    return found


def _field(name: str, begun: FieldMapping | None, options: Sequence[str], key: str) -> Any:
    source = begun.source(name) if begun else None
    current = NOT_STATED
    if source is not None:
        current = source.path if source.path is not None else f"={typed_constant(source.constant)}"
    choices = list(dict.fromkeys([NOT_STATED, current, *options]))
    picked = st.selectbox(
        known(_TITLES.get(name, name.replace("_", " ").capitalize())),
        choices,
        index=choices.index(current),
        key=f"{key}_{name}",
        format_func=lambda path: t(path) if path == NOT_STATED else visible(path),
        accept_new_options=True,
    )
    return parse_typed(picked)


def parse_typed(picked: str | None) -> Any:
    """A path, a constant ('=low', '=0.5', '=true'), or None."""
    text = (picked or "").strip()
    if not text or text == NOT_STATED:
        return None
    if not text.startswith("="):
        return text
    try:
        value = orjson.loads(text[1:])
    except orjson.JSONDecodeError:
        value = text[1:].strip()
    return {"constant": value if isinstance(value, str | int | float | bool) else text[1:]}


def _is_path(rows: str) -> bool:
    try:
        return not rows.strip() or rows.strip() == EVERY or bool(parse_path(rows.strip()))
    except UsageError:
        return False


def typed_constant(value: object) -> str:
    """A constant as it is typed; a text that would read as something else is quoted."""
    if isinstance(value, str):
        typed = parse_typed(f"={value}")
        return value if typed == {"constant": value} else orjson.dumps(value).decode()
    return orjson.dumps(value).decode()


def _split(begun: FieldMapping | None, key: str) -> Any:
    rules = list(_SPLITS)
    rule = st.selectbox(
        t("Told apart by"),
        rules,
        index=rules.index(begun.split.rule if begun else "tags"),
        format_func=fixed(rules, lambda name: t(_SPLITS[name])),
        key=f"{key}_split",
    )
    if rule != "markers":
        return rule
    left, right = st.columns(2)
    opening = left.text_input(
        t("Opening mark"),
        value=begun.split.open if begun else "",
        key=f"{key}_open",
        help=t("Empty: the reasoning starts with the text."),
    )
    closing = right.text_input(
        t("Closing mark"), value=begun.split.close if begun else "", key=f"{key}_close"
    )
    return {"open": opening or "", "close": closing or ""}


def _suggested(recognised: Preview) -> FieldMapping | None:
    name = file_stem(recognised.name)
    for record in recognised.records:
        found = suggest_mapping(record, name)
        if found is not None:
            return found
    return None


def _keep(store: Store, mapping: FieldMapping, key: str) -> None:
    """Buttons to save the mapping by its name and to take it away as a file."""
    data = orjson.dumps(mapping.to_json(), option=orjson.OPT_INDENT_2)
    with st.container(horizontal=True):
        if st.button(t("Save mapping"), icon=":material/save:", key=f"{key}_save"):
            new = save_mapping(store, mapping)
            st.toast(t("Mapping saved.") if new else t("Mapping replaced."), icon=":material/save:")
        st.download_button(
            t("Download as JSON"),
            data=data,
            file_name=f"{file_stem(mapping.name)}.json",
            mime="application/json",
            on_click="ignore",
            icon=":material/download:",
            key=f"{key}_json",
        )
