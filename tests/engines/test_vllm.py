"""A real vLLM server, started and watched by CoTScope."""

from __future__ import annotations

import json
import time

import httpx2 as httpx
import pytest

from analysis.engines.forcing import Forcing, force
from analysis.engines.plans import Plan
from analysis.engines.presets import preset_of
from analysis.engines.probes import run_probes
from analysis.engines.protocol import Marks, Reasoning, Sampling
from analysis.engines.questions import Question
from analysis.engines.runs import execute
from analysis.engines.vllm_server import VllmEngine, VllmServer
from analysis.errors import Cancelled
from analysis.progress import CancelToken
from analysis.runner import analyze
from analysis.store import Store
from tests.engines.asking import SUMS, USUAL, Asked, request
from tests.engines.conftest import Subject

pytestmark = pytest.mark.engines


def test_what_the_server_can_is_detected(engine: VllmEngine) -> None:
    assert engine.server.kind == "vllm" and (engine.version or "").startswith("vllm 0.")
    can = engine.capabilities()
    assert can.completions and can.budget and can.render and can.logprobs and can.samples
    text = "What is 68+57?"
    assert engine.detokenize(engine.tokenize(text)) == text


def test_a_stream_of_thinking_answer_and_log_probabilities(
    engine: VllmEngine, model: Subject
) -> None:
    for question, answer in SUMS.items():
        asked = Asked(engine, request(question, logprobs=True))
        assert [d.finish_reason for d in asked.done] == ["stop"] and asked.done[0].error is None
        assert asked.thinking and asked.answer and "think>" not in asked.thinking + asked.answer
        usage = asked.usage
        assert usage.completion and usage.prompt and usage.reasoning
        assert 0 < usage.reasoning < usage.completion
        # The last token may be the end of the text, which has no text of its own.
        assert usage.completion - 1 <= len(asked.tokens) <= usage.completion
        assert all(t.logprob is not None and t.logprob <= 0 for t in asked.tokens)
        if model.tiny:
            assert answer in asked.answer, question
        assert sum(isinstance(e, Reasoning) for e in asked.events) > 5, "it came in pieces"


def test_effort_reaches_the_model(engine: VllmEngine, model: Subject) -> None:
    if not model.tiny:  # a family's levels are its preset's affair
        return
    used = [
        Asked(engine, request(effort=e)).usage.reasoning or 0 for e in ("low", "medium", "high")
    ]
    assert used == sorted(used) and used[0] < used[1] < used[2]


@pytest.mark.parametrize("budget", [0, 8, 30])
def test_a_thinking_budget_is_held(engine: VllmEngine, model: Subject, budget: int) -> None:
    asked = Asked(engine, request(effort="high" if model.tiny else None, thinking_budget=budget))
    assert asked.done[0].error is None and asked.answer
    assert (asked.usage.reasoning or 0) <= budget + 3  # a closing mark of several tokens may count
    if model.tiny:
        assert asked.usage.reasoning == budget


def test_several_samples_of_one_request(engine: VllmEngine) -> None:
    asked = Asked(engine, request(n=3, sampling=Sampling(temperature=1.0, max_tokens=300)))
    assert sorted(d.sample for d in asked.done) == [0, 1, 2]
    assert all(d.error is None for d in asked.done)
    texts = {asked.text(Reasoning, n) for n in range(3)}
    assert len(texts) > 1 and all(texts)


def test_forcing_over_token_ids(engine: VllmEngine, model: Subject) -> None:
    prompt = engine.render(request())
    marks = preset_of(model.model, model.preset).marks or Marks()
    more = force(engine, prompt, Forcing(waits=1), marks=marks, sampling=USUAL)
    assert more.waits == 1 and more.finish_reason == "stop" and not more.cut
    assert more.thinking.count("Wait") >= 1 and more.logprobs
    less = force(engine, prompt, Forcing(most=12), marks=marks, sampling=USUAL)
    assert less.cut and len(less.thinking_ids) == 12 and less.answer
    if model.tiny:
        assert "125" in more.answer and "125" not in less.answer


def test_probes_along_a_trace(engine: VllmEngine, model: Subject) -> None:
    preset = preset_of(model.model, model.preset)
    thinking = (
        "Let me add 68+57. Ones: 8+7=15, write 5, carry 1. Tens: 6+5+1=12. So the sum is 125."
    )
    prompt = engine.render(request())
    found = run_probes(
        engine, prompt, thinking, "every10", marks=preset.marks or Marks(), form=preset.probe
    )
    assert len(found) == 11 and found[0]["frac"] == 0 and found[-1]["frac"] == 1
    assert all(0 < p["p_pred"] <= 1 for p in found if p["pred"])
    assert "125" in found[-1]["pred"]
    if model.tiny:
        assert found[-1]["pred"] == "125" and found[-1]["p_pred"] > 0.9
        assert found[0]["pred"] != "125", "it needs its thinking"


def test_a_stopped_request_is_ended_at_the_server(engine: VllmEngine, server: VllmServer) -> None:
    cancel = CancelToken()
    sampling = Sampling(temperature=1.0, max_tokens=900)
    stream = engine.stream(request(n=8, effort="high", sampling=sampling), cancel)
    next(stream)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(stream)
    root = server.base_url.removesuffix("/v1")
    headers = {"Authorization": f"Bearer {server.key}"}
    until = time.monotonic() + 30
    while time.monotonic() < until:
        text = httpx.get(root + "/metrics", headers=headers, trust_env=False).text
        rows = [r for r in text.split("\n") if r.startswith("vllm:num_requests_running")]
        if rows and all(float(r.rpartition(" ")[2]) == 0 for r in rows):
            return
        time.sleep(0.2)
    raise AssertionError("the server goes on with a request that nobody reads")


def test_a_run_into_the_store(engine: VllmEngine, model: Subject, store: Store) -> None:
    preset = preset_of(model.model, model.preset)
    efforts = ("low", "high") if model.tiny else ()
    asked = tuple(Question(q, f"q{n}", gold=a) for n, (q, a) in enumerate(SUMS.items()))
    budgets = (None, 6) if model.tiny else (64,)
    plan = Plan(
        asked, preset, efforts=efforts, budgets=budgets, samples=2, logprobs=True, probes="every10"
    )
    seen: list[int] = []
    report = execute(
        store, engine, plan, monitor=lambda m: seen.append(m.snapshot().total), concurrency=8
    )
    assert (report.failed, report.missing, report.stopped) == (0, 0, None)
    assert report.imported == plan.total == seen[0]
    assert analyze(store, workers=0).n_failures == 0
    rows = store.rows(
        "SELECT reasoning_tokens, thinking_budget_tokens, metadata, probes, correct, provider FROM trace"
    )
    assert len(rows) == plan.total
    for used, budget, metadata, probes, _, provider in rows:
        told = json.loads(metadata)
        assert provider == "vllm" and used is not None and told["used"]["mean_logprob"] < 0
        assert budget is None or used <= budget + 3
        assert used == 0 or json.loads(probes)[-1]["frac"] == 1.0
    if model.tiny:
        right = [r[4] for r in rows if r[1] is None]
        cut = [r[4] for r in rows if r[1] == 6]
        assert sum(map(bool, right)) > sum(map(bool, cut))
