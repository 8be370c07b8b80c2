"""What a person chooses for a run: engine, preset, efforts, budgets, samples and sampling."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import streamlit as st

from analysis.engines.address import check_url
from analysis.engines.opening import Wanted
from analysis.engines.plans import Plan
from analysis.engines.presets import GENERIC, Preset, load_presets, overlay, preset_of
from analysis.engines.protocol import Sampling
from analysis.engines.questions import Question
from analysis.engines.tiny_numpy import NAME
from analysis.engines.transformers_local import EXTRA
from analysis.engines.vllm_server import PYTHON_SETTING
from analysis.errors import UsageError
from analysis.ui.i18n import N_, fixed, known, t
from analysis.ui.text import plain

ENGINES = {
    "tiny": N_("Tiny model (only adds numbers)"),
    "openai": N_("OpenAI-compatible server"),
    "transformers": N_("transformers, in this process"),
    "vllm": N_("vLLM, started here"),
}
PROBES = {
    "every10": N_("at every 10 % of the thinking"),
    "thoughts": N_("after every thought"),
    "candidates": N_("after every candidate answer"),
}
_TINY_AT_ONCE = 2
_BY_NAME = N_("by the model's name")


def choose_engine() -> tuple[Wanted | None, str]:
    """The engine and the name of the key's variable; None while something is missing or not here.

    Raises ``UnsafeAddressError`` for an address that is never connected to.
    """
    engine = st.segmented_control(
        t("Engine"),
        list(ENGINES),
        default="tiny",
        required=True,
        format_func=fixed(ENGINES, lambda name: t(ENGINES[name])),
        key="run_engine",
    )
    if engine == "openai":
        return _endpoint()
    if engine == "transformers":
        return _transformers(), ""
    if engine == "vllm":
        return _vllm(), ""
    st.info(
        t(
            "A tiny model of our own that only adds numbers. It is there to try everything out:"
            " efforts, budgets, probes and findings are real, and nothing is downloaded."
        ),
        icon=":material/science:",
    )
    return Wanted("tiny", NAME, concurrency=_TINY_AT_ONCE), ""


def choose_preset(wanted: Wanted | None) -> Preset:
    """What is known of the family of the model. The tiny model has its own."""
    if wanted is not None and wanted.engine == "tiny":
        return preset_of(NAME)
    presets = load_presets()
    names = [_BY_NAME, *(name for name in presets if name != "tiny"), GENERIC.id]
    chosen = st.selectbox(
        t("Preset"),
        names,
        format_func=lambda name: (
            known(presets[name].title)
            if name in presets
            else known(GENERIC.title)
            if name == GENERIC.id
            else t(name)
        ),
        key="run_preset",
        help=t(
            "How a family marks its thinking, how its effort is set, and the recommended sampling."
        ),
    )
    model = (wanted.model if wanted else None) or ""
    found = preset_of(model, None if chosen == _BY_NAME else chosen)
    st.caption(f"{plain(known(found.title))}. {plain(known(found.note), 500)}")
    if found.checked_what:
        mark = ":material/fact_check:" if found.checked else ":material/help:"
        st.caption(
            t(
                "{mark} Sampling: {checked_what}",
                mark=mark,
                checked_what=plain(known(found.checked_what), 500),
            )
        )
    return found


def choose_plan(preset: Preset, questions: tuple[Question, ...]) -> Plan:
    """The whole plan. Raises ``UsageError`` for budgets that are no numbers."""
    left, right = st.columns(2)
    with left:
        efforts = _efforts(preset)
    budgets = right.text_input(
        t("Thinking budgets, in tokens"),
        placeholder=t("as the effort says; or 64, 256, 1024"),
        key="run_budgets",
        help=t(
            "Every effort runs at every budget; at its end the thinking is cut and the answer asked."
        ),
    )
    first, second, third = st.columns(3)
    samples = first.number_input(t("Samples of each"), 1, 10_000, 1, key="run_samples")
    seed = second.number_input(t("Seed"), 0, value=0, key="run_seed")
    probes = third.selectbox(
        t("Probes"),
        list(PROBES),
        index=None,
        format_func=fixed(PROBES, lambda name: t(PROBES[name])),
        placeholder=t("none"),
        key="run_probes",
        help=t(
            "Stop the thinking at these points, ask for the answer, and keep it with its probability."
        ),
    )
    with st.expander(t("Sampling and more")):
        sampling = _sampling(preset)
        waits, fewest, logprobs = _forcing()
    return Plan(
        questions=questions,
        preset=preset,
        efforts=efforts,
        budgets=tuple(numbers(budgets)) or (None,),
        samples=int(samples),
        seed=int(seed),
        sampling=sampling,
        waits=waits,
        fewest=fewest,
        probes=probes,
        logprobs=logprobs,
    )


def numbers(text: str) -> list[int]:
    """Whole numbers between commas. Raises ``UsageError`` for anything else."""
    parts = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise UsageError("Budgets are whole numbers with commas between them, as 256, 1024.")
    return [int(part) for part in parts]


def _endpoint() -> tuple[Wanted | None, str]:
    url = st.text_input(t("Address"), placeholder="http://127.0.0.1:8000/v1", key="run_url")
    left, middle, right = st.columns(3)
    model = left.text_input(
        t("Model"), placeholder=t("the only one of the server"), key="run_model"
    )
    key = middle.text_input(
        t("Name of the key"),
        placeholder=t("none"),
        key="run_key",
        help=t(
            "The NAME of an environment variable, or of an entry of Streamlit's secrets.toml, that"
            " holds the key. The key itself is never typed here, shown or stored."
        ),
    )
    width = right.number_input(t("Requests at a time"), 1, 1024, 8, key="run_width")
    if not url.strip():
        return None, key
    checked = check_url(url)
    return Wanted("openai", model.strip() or None, checked, concurrency=int(width)), key


def _transformers() -> Wanted | None:
    if find_spec("transformers") is None or find_spec("torch") is None:
        st.info(
            t("transformers and torch are not installed here. {EXTRA}", EXTRA=plain(known(EXTRA))),
            icon=":material/download:",
        )
        return None
    model = st.text_input(
        t("Model"), placeholder=t("Qwen/Qwen3-0.6B, or a folder"), key="run_model"
    )
    return Wanted("transformers", model.strip()) if model.strip() else None


def _vllm() -> Wanted | None:
    # The program to start comes from the environment alone: a page is no place to name programs.
    if not os.environ.get(PYTHON_SETTING):
        st.info(
            t(
                "vLLM lives in an environment of its own: make one, pip install vllm in it, and"
                " start CoTScope with {PYTHON_SETTING} set to its Python.",
                PYTHON_SETTING=plain(PYTHON_SETTING),
            ),
            icon=":material/download:",
        )
        return None
    model = st.text_input(t("Model"), placeholder="Qwen/Qwen3-8B", key="run_model")
    left, middle, right = st.columns(3)
    tensor = left.number_input(t("GPUs that share one copy"), 1, 64, 1, key="run_tensor")
    data = middle.number_input(t("Copies of the model"), 1, 64, 1, key="run_data")
    length = right.number_input(
        t("Context length, in tokens"),
        1,
        value=None,
        placeholder=t("the model's own"),
        key="run_length",
    )
    if not model.strip():
        return None
    return Wanted(
        "vllm",
        model.strip(),
        tensor_parallel=int(tensor) if tensor > 1 else None,
        data_parallel=int(data) if data > 1 else None,
        max_length=None if length is None else int(length),
    )


def _efforts(preset: Preset) -> tuple[str, ...]:
    if not preset.levels and preset.id != GENERIC.id:
        st.multiselect(t("Efforts"), [], placeholder=t("This family has no levels"), disabled=True)
        return ()
    levels = list(preset.levels)
    default = [preset.default] if preset.default in levels else []
    chosen = st.multiselect(
        t("Efforts"),
        levels or ["low", "medium", "high"],
        default=default,
        accept_new_options=not levels,
        placeholder=t("the model's own"),
        key=f"run_efforts_{preset.id}",
        help=t("Each question runs at each of them."),
    )
    return tuple(chosen)


def _sampling(preset: Preset) -> Sampling:
    usual_of = overlay(Sampling(), preset.sampling)
    columns = st.columns(4)
    places = [
        (t("Temperature"), "temperature", 0.0, 10.0, 0.1),
        (t("Top p"), "top_p", 0.0, 1.0, 0.05),
        (t("Top k"), "top_k", 1, 1_000_000, 1),
        (t("Most tokens"), "max_tokens", 1, 10_000_000, 1),
    ]
    given: dict[str, Any] = {}
    for column, (label, name, low, high, step) in zip(columns, places, strict=True):
        usual = getattr(usual_of, name)
        given[name] = column.number_input(
            label,
            low,
            high,
            value=None,
            step=step,
            placeholder=t("the engine's own") if usual is None else f"{usual:,}",
            key=f"run_{name}",
        )
    if preset.sampling_source.startswith("https://"):
        st.caption(t("Empty: as the authors of the model recommend."))
    return Sampling(**given)


def _forcing() -> tuple[int | None, int | None, bool]:
    first, second, third = st.columns(3, vertical_alignment="bottom")
    waits = first.number_input(
        t('Append "Wait" so often'), 0, 64, 0, key="run_waits", help=t("Budget forcing as in s1.")
    )
    fewest = second.number_input(
        t("Fewest thinking tokens"),
        0,
        1_000_000,
        0,
        key="run_fewest",
        help=t("The end is forbidden before."),
    )
    logprobs = third.checkbox(t("Keep log-probabilities"), key="run_logprobs")
    return int(waits) or None, int(fewest) or None, logprobs
