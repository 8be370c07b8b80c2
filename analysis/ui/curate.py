"""The Curate page's parts: the conditions as widgets, the funnel, sample rows, files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from analysis.curation import Plan, Recipe, manifest_path, write
from analysis.curation.recipe import CHOICES, PAIRS, REASONING, VERDICTS, Range
from analysis.curation.writing import LEFT_OUT
from analysis.errors import CotscopeError, UsageError
from analysis.filters import Filters
from analysis.store import Store
from analysis.store.behaviours import behaviours
from analysis.store.samples import all_metric_specs
from analysis.text.visible import visible
from analysis.ui.i18n import N_, fixed, known, language, t
from analysis.ui.metric_words import metric_title
from analysis.ui.state import href, reader_query, show_error
from analysis.ui.text import plain
from analysis.views.traces import require_known

FORMS = {N_("SFT messages"): "sft", N_("Preference pairs"): "pairs"}
_KEY = "curate_"
_BAR = (
    "text",
    "dataset",
    "model",
    "effort",
    "verdict",
    "label",
    "min_chars",
    "max_chars",
    "ending",
)
_DEFAULTS = {"form": "SFT messages", "verdict": "right", "complete_only": True, "same_model": True}
"""Of the widgets; in the session and not in the widgets, so that a recipe can set them."""
_LISTS = ("dataset", "model", "effort", "verdict", "label")
_ALIKE = N_(
    "Likeness of two texts is the share of runs of six characters that they have in common."
)


def choose(store: Store, filters: Filters) -> Recipe:
    """Draw the conditions; raises ``UsageError`` for those that do not go together."""
    for name, value in _DEFAULTS.items():
        st.session_state.setdefault(_KEY + name, value)
    title = st.segmented_control(
        t("What for"), list(FORMS), required=True, key=_KEY + "form", format_func=fixed(FORMS, t)
    )
    form = FORMS[str(title)]
    left, middle, right = st.columns(3, gap="medium")
    values: dict[str, Any] = {"form": form, "filters": filters}
    with left:
        values |= _answers(form)
    with middle:
        values |= _thinking()
    with right:
        values |= _variety()
    with st.expander(t("Behaviours and other metrics"), icon=":material/tune:"):
        labels = [behaviour.label for behaviour in behaviours()]
        values["behaviours"] = _ranges(t("Behaviours per 1,000 tokens"), "behaviours", labels)
        numbers = [spec.name for spec in all_metric_specs(store) if spec.kind != "text"]
        values["metrics"] = _ranges(t("Metrics"), "metrics", numbers)
    with st.expander(t("Questions that must not be chosen"), icon=":material/block:"):
        listed = st.text_area(
            t("One question a line, of a benchmark say"),
            key=_KEY + "not_questions",
            help=t(
                "Leaves out a question that shares 13 words in a row with one of these, or holds"
                " a shorter one whole."
            ),
        )
        values["not_questions"] = tuple(t.strip() for t in listed.split("\n") if t.strip())
    return Recipe(**values)


def _answers(form: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if form == "pairs":
        found["pairs"] = st.selectbox(
            t("Pair"),
            PAIRS,
            format_func=fixed(PAIRS),
            key=_KEY + "pairs",
            help=t("Right over wrong, or of right answers the shortest thinking over the longest."),
        )
        found["pairs_per_question"] = _count(t("Pairs a question"), "pairs_per_question")
        found["same_model"] = st.toggle(t("Both of one model"), key=_KEY + "same_model")
    else:
        found["verdict"] = st.selectbox(
            t("Answer"),
            VERDICTS,
            format_func=fixed(VERDICTS),
            key=_KEY + "verdict",
            help=t(
                "What a person said counts before what the record states or the verifier found."
            ),
        )
        found["per_question"] = st.selectbox(
            t("Of each question"), CHOICES, format_func=fixed(CHOICES), key=_KEY + "per_question"
        )
        if found["per_question"] != "all":
            found["samples"] = _count(t("How many"), "samples")
        if found["per_question"] == "random":
            found["seed"] = int(st.number_input(t("Seed"), min_value=0, key=_KEY + "seed"))
    found["complete_only"] = st.toggle(t("Not cut off"), key=_KEY + "complete_only")
    found["reasoning"] = st.selectbox(
        t("Write the reasoning as"),
        REASONING,
        format_func=fixed(REASONING),
        key=_KEY + "reasoning",
        help=t("tags: in <think> within the content; field: as reasoning_content of the message."),
    )
    return found


def _thinking() -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        low = _number(t("Least tokens"), "min_tokens", step=100)
    with right:
        high = _number(t("Most tokens"), "max_tokens", step=100)
    consistency = _share(
        t("Least language consistency"),
        "min_language_consistency",
        t("Share of the words in the language asked for."),
    )
    repetition = _share(
        t("Most repetition"), "max_repetition", t("Share of characters in sentences said before.")
    )
    return {
        "min_tokens": None if low is None else int(low),
        "max_tokens": None if high is None else int(high),
        "min_language_consistency": consistency,
        "max_repetition": repetition,
        "no_language_slip": st.toggle(t("No language slip"), key=_KEY + "no_language_slip"),
        "no_loop": st.toggle(t("No loop"), key=_KEY + "no_loop"),
    }


def _variety() -> dict[str, Any]:
    found: dict[str, Any] = {
        "distinct_questions": _share(t("Questions alike from"), "distinct_questions", t(_ALIKE)),
        "distinct_reasonings": _share(t("Reasonings alike from"), "distinct_reasonings", t(_ALIKE)),
    }
    if any(value is not None for value in found.values()):
        found["per_cluster"] = _count(t("Keep of those alike"), "per_cluster")
    st.caption(
        t("Leave empty to keep all. Comparing texts takes longer than the other conditions.")
    )
    return found


def _count(label: str, name: str) -> int:
    return int(st.number_input(plain(label), min_value=1, key=_KEY + name))


def _number(label: str, name: str, *, step: float) -> float | None:
    return st.number_input(plain(label), min_value=0, value=None, step=int(step), key=_KEY + name)


def _share(label: str, name: str, note: str) -> float | None:
    return st.number_input(
        plain(label),
        min_value=0.0,
        max_value=1.0,
        value=None,
        step=0.05,
        key=_KEY + name,
        help=note,
    )


def _ranges(label: str, group: str, options: list[str]) -> dict[str, Range]:
    chosen = st.multiselect(
        plain(label),
        options,
        key=_KEY + group,
        format_func=fixed(options, _name),
        placeholder=t("None"),
    )
    found: dict[str, Range] = {}
    for name in chosen:
        left, right = st.columns(2)
        low = left.number_input(
            plain(t("{name}: least", name=_name(name))),
            value=None,
            key=f"{_KEY}{group}_{name}_least",
            format="%g",
        )
        high = right.number_input(
            plain(t("{name}: most", name=_name(name))),
            value=None,
            key=f"{_KEY}{group}_{name}_most",
            format="%g",
        )
        found[name] = (low, high)
    return found


def _name(name: str) -> str:
    """A behaviour or a metric in a list to choose from."""
    return name if language() == "en" else known(metric_title(name))


def funnel(found: Plan) -> None:
    """What each step leaves."""
    frame = pd.DataFrame(
        {
            "step": [visible(known(step.title)) for step in found.steps],
            "traces": [step.n_traces for step in found.steps],
            "bar": [step.n_traces for step in found.steps],
            "questions": [step.n_questions for step in found.steps],
            "undefined": [step.n_undefined for step in found.steps],
        }
    )
    most = max(1, found.steps[0].n_traces)
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "step": st.column_config.TextColumn(t("Step"), width=280),
            "traces": st.column_config.NumberColumn(t("Traces left"), format="localized", width=85),
            "bar": st.column_config.ProgressColumn(
                "", format=" ", min_value=0, max_value=most, width=90
            ),
            "questions": st.column_config.NumberColumn(
                t("Questions left"), format="localized", width=105
            ),
            "undefined": st.column_config.NumberColumn(
                t("Undefined"),
                format="localized",
                width=85,
                help=t("Of those left out: traces for which it is not known, not analysed say."),
            ),
        },
    )


def sample(found: Plan) -> None:
    """The first rows, with links to the Reader."""
    rows = list(found.sample)
    columns: dict[str, list[Any]] = {
        "open": [href("reader", reader_query(row["trace_id"])) for row in rows]
    }
    if any(row["rejected"] for row in rows):
        columns["rejected"] = [href("reader", reader_query(row["rejected"])) for row in rows]
    columns |= {
        "question": [visible(row["question"] or "") for row in rows],
        "model": [visible(row["model"] or "–") for row in rows],
        "correct": [row["correct"] for row in rows],
        "tokens": [row["tokens"] for row in rows],
    }
    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        placeholder="–",
        column_config={
            "open": st.column_config.LinkColumn(t("Chosen"), display_text=t("Read"), width=70),
            "rejected": st.column_config.LinkColumn(
                t("Rejected"), display_text=t("Read"), width=75
            ),
            "question": st.column_config.TextColumn(t("Question"), width=320),
            "model": t("Model"),
            "correct": st.column_config.CheckboxColumn(t("Right"), width=60),
            "tokens": st.column_config.NumberColumn(t("Tokens"), format="localized", width=80),
        },
    )


def downloads(store: Store, recipe: Recipe) -> None:
    """Buttons for the lines, their manifest and the recipe; each is made when asked for."""
    name = "train.jsonl" if recipe.form == "sft" else "pairs.jsonl"
    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        N_("Lines (JSONL)"): (name, partial(_file, store, recipe, name, manifest=False)),
        N_("Manifest"): (
            f"{name}-manifest.json",
            partial(_file, store, recipe, name, manifest=True),
        ),
        N_("Recipe"): ("recipe.json", recipe.to_json),
    }
    with st.container(horizontal=True):
        for title, (file_name, make) in files.items():
            st.download_button(
                plain(t(title)),
                data=make,
                file_name=file_name,
                mime="application/json" if file_name.endswith(".json") else "application/jsonl",
                key=f"{_KEY}download_{title}",
                on_click="ignore",
                icon=":material/download:",
            )
    st.caption(
        t(
            "Left out while writing, and counted in the manifest: {reasons} For many traces use the"
            " command: cotscope curate --recipe recipe.json --out train.jsonl",
            reasons=plain(" ".join(known(reason) for reason in LEFT_OUT.values()), 600),
        )
    )


def _file(store: Store, recipe: Recipe, name: str, *, manifest: bool) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / name
        write(store, recipe, out)
        return (manifest_path(out) if manifest else out).read_bytes()


def load_recipe(store: Store) -> None:
    """A place for a recipe file, which sets the conditions."""
    with st.popover(t("Load a recipe"), icon=":material/upload_file:"):
        given = st.file_uploader("recipe.json", type="json", key=_KEY + "upload")
        if given is not None:
            st.button(t("Use it"), type="primary", on_click=_load, args=(store, given.getvalue()))
    if error := st.session_state.pop(_KEY + "error", None):
        show_error(error)


def _load(store: Store, data: bytes) -> None:
    try:
        recipe = Recipe.from_json(data)
        require_known(store, recipe.filters)
        set_recipe(recipe)
    except CotscopeError as error:
        st.session_state[_KEY + "error"] = error


def set_recipe(recipe: Recipe) -> None:
    """Make the widgets say what a recipe says; before they are drawn."""
    unknown = set(recipe.filters.to_query()) - set(_BAR)
    if unknown or recipe.full_record or not recipe.system_prompt:
        name = sorted(unknown)[0] if unknown else "full_record or system_prompt"
        raise UsageError(
            f"This page cannot show the recipe's {name}.",
            remedy="Use the command: cotscope curate --recipe FILE.json",
        )
    state = st.session_state
    for name in _BAR:
        value = getattr(recipe.filters, name)
        state[name] = list(value) if name in _LISTS else value
    state[_KEY + "form"] = next(title for title, form in FORMS.items() if form == recipe.form)
    plain_fields = (
        "verdict", "per_question", "samples", "seed", "pairs", "pairs_per_question", "same_model",
        "complete_only", "reasoning", "min_tokens", "max_tokens", "min_language_consistency",
        "max_repetition", "no_language_slip", "no_loop", "distinct_questions", "distinct_reasonings",
        "per_cluster",
    )  # fmt: skip
    for name in plain_fields:
        state[_KEY + name] = getattr(recipe, name)
    state[_KEY + "not_questions"] = "\n".join(" ".join(t.split()) for t in recipe.not_questions)
    for group in ("behaviours", "metrics"):
        ranges = getattr(recipe, group)
        state[_KEY + group] = list(ranges)
        for name, (low, high) in ranges.items():
            state[f"{_KEY}{group}_{name}_least"] = None if low is None else float(low)
            state[f"{_KEY}{group}_{name}_most"] = None if high is None else float(high)
