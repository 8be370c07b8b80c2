"""Engines: streams, budgets, probes and faults, on the tiny reasoner and on a real HTTP server."""

from __future__ import annotations

import ipaddress
import math
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engines import address
from analysis.engines.address import check_url, refuse
from analysis.engines.budget import ThinkGate
from analysis.engines.detokenizing import Detokenizer
from analysis.engines.forcing import Forcing, force
from analysis.engines.http_client import Endpoint, key_from_environment
from analysis.engines.local import LocalEngine
from analysis.engines.openai_http import OpenAIEngine
from analysis.engines.opening import Wanted, open_engine
from analysis.engines.presets import GENERIC, load_presets, preset_of
from analysis.engines.probes import BOXED, ProbeForm, probe_points, run_probes
from analysis.engines.protocol import (
    Completion,
    Content,
    Done,
    EngineError,
    EngineUnavailableError,
    Event,
    Marks,
    Message,
    Reasoning,
    Request,
    Sampling,
    Token,
    UnsafeAddressError,
    UnsupportedError,
    Usage,
)
from analysis.engines.sampling import draw, log_softmax
from analysis.engines.splitting import ThinkSplitter
from analysis.engines.strategies import Sampled, best_of_n, majority_vote, refine, weighted_vote
from analysis.engines.tiny_numpy import TinyDecoder, tiny_engine, tiny_folder
from analysis.engines.tiny_tokenizer import TinyTokenizer
from analysis.engines.vllm_server import ServerPlan, VllmServer, find_python
from analysis.errors import Cancelled, UsageError
from analysis.progress import CancelToken
from tests.model_server import WORDS, Server, model_server

GREEDY = Sampling(temperature=0.0, max_tokens=400)


def asked(question: str, **more: Any) -> Request:
    more.setdefault("sampling", GREEDY)
    return Request(messages=(Message("user", question),), **more)


def texts(events: list[Event], sample: int = 0) -> tuple[str, str]:
    """Thinking and answer of a sample."""
    thinking = "".join(e.text for e in events if isinstance(e, Reasoning) and e.sample == sample)
    content = "".join(e.text for e in events if isinstance(e, Content) and e.sample == sample)
    return thinking, content


@pytest.fixture(scope="module")
def tiny() -> LocalEngine:
    return tiny_engine()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with model_server() as running:
        yield running


def endpoint(server: Server, **more: Any) -> Endpoint:
    return Endpoint(server.url, first_wait_seconds=0.01, **more)


def http(server: Server, model: str, **more: Any) -> OpenAIEngine:
    return OpenAIEngine(endpoint(server, **more), model)


# --- the tiny reasoner ----------------------------------------------------------------------------


def test_the_tiny_reasoner_adds_sums_that_it_never_saw(tiny: LocalEngine) -> None:
    pairs = [
        (a, b) for a in range(10, 100) for b in range(10, 100) if (a * 7919 + b * 104729) % 10 == 3
    ]
    pairs = pairs[::40]
    right = 0
    for a, b in pairs:
        events = list(tiny.stream(asked(f"What is {a}+{b}?", effort="low")))
        right += texts(events)[1].strip() == f"The answer is {a + b}."
    assert len(pairs) >= 20
    assert right >= 0.95 * len(pairs)


def test_effort_lengthens_the_thinking(tiny: LocalEngine) -> None:
    lengths = {}
    for effort in ("low", "medium", "high"):
        found = [list(tiny.stream(asked(f"{n}+{n + 3}", effort=effort))) for n in (12, 47, 81)]
        lengths[effort] = sum(len(texts(events)[0]) for events in found)
    assert lengths["low"] < lengths["medium"] < lengths["high"]


def test_a_stream_tells_tokens_texts_usage_and_end(tiny: LocalEngine) -> None:
    events = list(tiny.stream(asked("What is 12+34?", logprobs=True)))
    thinking, answer = texts(events)
    tokens = [e for e in events if isinstance(e, Token)]
    done = [e for e in events if isinstance(e, Done)]
    usage = [e for e in events if isinstance(e, Usage)]
    assert done[0].finish_reason == "stop"
    assert done[0].raw == f"<think>{thinking}</think>{answer}"
    assert "".join(t.text for t in tokens) == done[0].raw
    assert all(t.logprob is not None and t.logprob <= 0 for t in tokens)
    assert usage[-1].completion == len(tokens) + 1  # the end of the turn is drawn, and has no text
    assert usage[0].reasoning == len(tiny.tokenize(thinking))


def test_samples_have_seeds(tiny: LocalEngine) -> None:
    hot = Sampling(temperature=1.2, max_tokens=60)
    first = list(tiny.stream(asked("25+36", n=3, seed=5, sampling=hot)))
    again = list(tiny.stream(asked("25+36", n=3, seed=5, sampling=hot)))
    other = list(tiny.stream(asked("25+36", n=3, seed=6, sampling=hot)))
    assert first == again
    assert {texts(first, n) for n in range(3)} != {texts(other, n) for n in range(3)}
    assert len([e for e in first if isinstance(e, Done)]) == 3


@pytest.mark.parametrize("budget", [0, 1, 7, 20])
def test_a_budget_is_held_exactly(tiny: LocalEngine, budget: int) -> None:
    events = list(tiny.stream(asked("What is 68+57?", thinking_budget=budget)))
    thinking, answer = texts(events)
    assert thinking.endswith("\n")  # the budget ends the thinking as the model itself does
    assert len(tiny.tokenize(thinking.removesuffix("\n"))) == budget
    assert next(e.reasoning for e in events if isinstance(e, Usage)) == budget
    assert answer.strip()


def test_thinking_is_not_ended_before_the_fewest_tokens(tiny: LocalEngine) -> None:
    events = list(tiny.stream(asked("2+2", effort="low", min_thinking=120)))
    assert len(tiny.tokenize(texts(events)[0])) >= 120


def test_thinking_off_gives_an_answer_alone(tiny: LocalEngine) -> None:
    thinking, answer = texts(list(tiny.stream(asked("2+2", template={"enable_thinking": False}))))
    assert thinking == ""
    assert answer.startswith("The answer is")


def test_a_cut_thinking_answers_worse(tiny: LocalEngine) -> None:
    def right(budget: int | None) -> int:
        found = 0
        for a, b in [(68, 57), (34, 89), (75, 48), (29, 63), (97, 46), (58, 84)]:
            answer = texts(
                list(tiny.stream(asked(f"{a}+{b}", thinking_budget=budget, effort="low")))
            )[1]
            found += str(a + b) in answer
        return found

    assert right(3) + 2 <= right(None)


def test_a_stream_stops_when_asked(tiny: LocalEngine) -> None:
    cancel = CancelToken()
    stream = tiny.stream(asked("12+34"), cancel)
    next(stream)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(stream)


def test_a_prompt_that_is_too_long_is_told(tiny: LocalEngine) -> None:
    with pytest.raises(EngineError, match="tokens"):
        list(tiny.stream(asked("1+" * 3000)))


def test_completions_reuse_what_was_read_and_agree(tiny: LocalEngine) -> None:
    prompt = tiny.render(asked("68+57"))
    prompts = [prompt, [*prompt, *tiny.tokenize("<think>\nLet me add 68+57.")], prompt[:-3], prompt]
    together = tiny.complete_ids(prompts, max_tokens=12)
    apart = [tiny_engine().complete_ids([p], max_tokens=12)[0] for p in prompts]
    assert [c.ids for c in together] == [c.ids for c in apart]
    for left, right in zip(together, apart, strict=True):
        assert np.allclose(left.logprobs, right.logprobs, atol=1e-4)
    stop = together[0].ids[4]
    short = tiny.complete_ids([prompt], max_tokens=12, stop_ids=[stop])[0]
    assert (short.finish_reason, short.stop_id) == ("stop", stop)
    assert stop not in short.ids
    longer = tiny.complete_ids([prompt], max_tokens=12, stop_ids=[stop], min_tokens=8)[0]
    assert len(longer.ids) >= 8


def test_numpy_and_transformers_agree() -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny_folder(), dtype=torch.float32)
    decoder = TinyDecoder(tiny_folder())
    ids = decoder.render(asked("What is 345+78?", effort="high"))
    with torch.inference_mode():
        wanted = model(torch.tensor([ids])).logits[0].numpy()
    assert np.allclose(decoder.all_logits(ids), wanted, atol=2e-3)


# --- tokens ---------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60) | st.text("0123456789+ aTeln<>|think/\n", max_size=60))
def test_the_tokenizer_is_that_of_the_library(text: str) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    path = tiny_folder() / "tokenizer.json"
    own, library = TinyTokenizer(path), tokenizers.Tokenizer.from_file(str(path))
    ids = own.encode(text)
    assert ids == library.encode(text, add_special_tokens=False).ids
    assert own.decode(ids) == text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_a_text_comes_whole_in_pieces(text: str) -> None:
    tokenizer = TinyTokenizer(tiny_folder() / "tokenizer.json")
    reader = Detokenizer(tokenizer.decode)
    pieces = [reader.feed(token) for token in tokenizer.encode(text)]
    assert "".join(pieces) + reader.end() == text


MARKS = [None, Marks(), Marks("[THINK]", "[/THINK]")]


@settings(max_examples=120, deadline=None)
@given(
    st.text("<>/think [THINK]a\n", max_size=60),
    st.lists(st.integers(0, 60)),
    st.sampled_from(MARKS),
)
def test_splitting_does_not_depend_on_the_pieces(
    text: str, cuts: list[int], marks: Marks | None
) -> None:
    def split(parts: list[str]) -> tuple[str, str]:
        splitter = ThinkSplitter(marks)
        events: list[Any] = [e for part in parts for e in splitter.feed(part)]
        return texts(events + list(splitter.end()))

    places = sorted({0, len(text), *(c for c in cuts if c < len(text))})
    parts = [text[a:b] for a, b in pairwise(places)]
    thinking, answer = split(parts)
    assert (thinking, answer) == split([text])
    if not any(mark in text for mark in ("<think>", "[THINK]", "<thinking>")):
        assert (thinking, answer) == ("", text)


@pytest.mark.parametrize(
    ("text", "marks", "thinking", "answer"),
    [
        ("<think>\na\n</think>\n\nb", None, "\na\n", "\n\nb"),
        ("  <think>a</think>b</think>c", None, "a", "b</think>c"),
        ("<think>a", None, "a", ""),
        ("a <think>b</think>", None, "", "a <think>b</think>"),
        ("a</think>b", Marks(prefilled=True), "a", "b"),
        ("<think>a</think>b", Marks(prefilled=True), "a", "b"),
        ("<thin", None, "", "<thin"),
        ("<|begin_of_thought|>a<|end_of_thought|>b", None, "a", "b"),
        ("◁think▷a◁/think▷b", None, "a", "b"),
    ],
)
def test_marks_are_taken_out(text: str, marks: Marks | None, thinking: str, answer: str) -> None:
    splitter = ThinkSplitter(marks)
    events: list[Any] = [e for c in text for e in splitter.feed(c)] + list(splitter.end())
    assert texts(events) == (thinking, answer)


def test_a_gate_forces_and_forbids_marks_of_several_tokens() -> None:
    gate = ThinkGate([9, 1, 2], [1, 2], [3, 4], most=4, fewest=2)
    assert gate.thinking and gate.count == 0
    gate.see(3)
    assert math.isinf(gate.forbid(np.zeros(8, np.float32), [0])[4])  # 3 4 would end it too early
    for token in (5, 5, 5):
        gate.see(token)
    assert gate.forced() == 3
    gate.see(3)
    assert gate.forced() == 4
    gate.see(4)
    assert (gate.forced(), gate.thinking, gate.count) == (None, False, 4)
    for token in (1, 2, 5, 5, 5, 5, 5, 5):  # a mark in the answer is text
        gate.see(token)
    assert gate.forced() is None


def test_a_draw_follows_its_filters() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05], np.float32))
    rng = np.random.default_rng(1)

    def seen(**given: float) -> set[int]:
        sampling = Sampling(temperature=1.0, **given)  # type: ignore[arg-type]
        return {draw(logits, sampling, rng) for _ in range(200)}

    assert seen() == {0, 1, 2, 3}
    assert seen(top_k=2) == {0, 1}
    assert seen(top_p=0.6) == {0, 1}
    assert seen(top_p=0.5) == {0}
    assert seen(min_p=0.25) == {0, 1, 2}
    assert draw(logits, Sampling(temperature=0.0), rng) == 0
    assert np.isclose(np.exp(log_softmax(logits)).sum(), 1)


# --- forcing, probes, strategies ------------------------------------------------------------------


def test_waits_send_the_thinking_on(tiny: LocalEngine) -> None:
    prompt = tiny.render(asked("68+57", effort="low"))
    plain = force(tiny, prompt, Forcing(), marks=Marks(), sampling=GREEDY)
    longer = force(tiny, prompt, Forcing(waits=2), marks=Marks(), sampling=GREEDY)
    assert (plain.waits, longer.waits) == (0, 2)
    assert longer.thinking.count("\n\nWait") >= 2
    assert longer.thinking.startswith(plain.thinking)
    assert len(longer.thinking_ids) > len(plain.thinking_ids)
    assert "answer" in longer.answer and not plain.cut
    cut = force(tiny, prompt, Forcing(most=9), marks=Marks(), sampling=GREEDY)
    assert (len(cut.thinking_ids), cut.cut) == (9, True)
    fewest = force(tiny, prompt, Forcing(fewest=90), marks=Marks(), sampling=GREEDY)
    assert len(fewest.thinking_ids) >= 90


def test_forcing_needs_a_mark_of_its_own_token(tiny: LocalEngine) -> None:
    with pytest.raises(UnsupportedError, match="no token of its own"):
        force(tiny, [1, 2], Forcing(waits=1), marks=Marks("<a>", "</a>"), sampling=GREEDY)


def test_probes_find_where_the_answer_is_known(tiny: LocalEngine) -> None:
    request = asked("What is 68+57?", effort="low")
    thinking = texts(list(tiny.stream(request)))[0]
    form = ProbeForm("\n</think>\n\nThe answer is")
    probes = run_probes(tiny, tiny.render(request), thinking, "every10", marks=Marks(), form=form)
    assert [p["frac"] for p in probes] == sorted(p["frac"] for p in probes)
    assert (probes[0]["frac"], probes[-1]["frac"]) == (0.0, 1.0)
    assert probes[-1]["pred"] == "125"
    assert probes[0]["pred"] != "125"
    assert probes[-1]["p_pred"] > 0.5
    assert all(0 <= p["p_pred"] <= 1 for p in probes)


def test_probe_points() -> None:
    text = (
        "First I add 12 and 30. So the answer is 42. Alternatively, let me count again. It is 42."
    )
    tenths = probe_points(text, "every10")
    assert tenths[0] == 0 and tenths[-1] == len(text) and len(tenths) == 11
    assert all(not (text[p - 1].isalnum() and text[p].isalnum()) for p in tenths[1:-1])
    thoughts = probe_points(text, "thoughts")
    assert len(thoughts) == 3 and text[: thoughts[1]].rstrip().endswith("42.")
    answers = probe_points(text, "candidates")
    assert answers[0] == 0 and any(text[:p].endswith("42") for p in answers)
    assert probe_points("", "every10") == [0]
    assert len(probe_points("So the answer is 3. " * 400, "candidates")) <= 200
    with pytest.raises(UsageError):
        probe_points(text, "sometimes")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("125}", "125"),  # and the model ends: what most do
        ("125}$.\n", "125"),
        (r"\frac{1}{2}}", r"\frac{1}{2}"),
        (r"5\text{ cm} long}. So", r"5\text{ cm} long"),
        (r"\{1, 2\}} is the set", r"\{1, 2\}"),
        (r"\left\{x\right\}}", r"\left\{x\right\}"),
        ("{a}} is", "{a}"),
        (r"\frac{1", r"\frac{1"),
        ("7\nand more", "7"),
        ("}", None),
    ],
)
def test_a_boxed_answer_ends_with_its_brace(said: str, answer: str | None) -> None:
    engine = SimpleNamespace(  # one token a character, each as likely as not
        tokenize=lambda text: [*map(ord, text)],
        detokenize=lambda ids: "".join(map(chr, ids)),
        complete_ids=lambda prompts, **_: [
            Completion(tuple(map(ord, said)), said, (math.log(0.5),) * len(said), "stop")
            for _ in prompts
        ],
    )
    (probe,) = run_probes(cast(LocalEngine, engine), [1], "", "every10", marks=Marks(), form=BOXED)
    assert probe["pred"] == answer
    assert probe["p_pred"] == (None if answer is None else pytest.approx(0.5 ** len(answer)))


def test_votes_and_best_of_n() -> None:
    samples = [Sampled("0.5", logprob=-1.0), Sampled("7", score=3.0), Sampled("1/2"), Sampled(None)]
    choice = majority_vote(samples)
    assert (choice.answer, choice.share) == ("0.5", 2 / 3)
    assert weighted_vote(samples, lambda s: s.score).answer == "7"
    assert majority_vote([Sampled(None)]).answer is None
    assert best_of_n(samples, lambda s: s.score) == 1
    assert best_of_n(samples, lambda s: None) is None


def test_refining_stops_when_the_verifier_is_content(tiny: LocalEngine) -> None:
    request = asked("68+57", effort="low")
    assert len(refine(tiny, request, rounds=2, verify=lambda s: True)) == 1
    told = refine(tiny, request, rounds=1, verify=lambda s: False)
    assert len(told) == 2 and all(s.answer for s in told)


# --- presets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "preset"),
    [
        ("deepseek-ai/DeepSeek-R1", "deepseek-r1"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "deepseek-r1"),
        ("Qwen/QwQ-32B-Preview", "qwq-preview"),
        ("Qwen/QwQ-32B", "qwq"),
        ("NovaSky-AI/Sky-T1-32B-Preview", "sky-t1"),
        ("NovaSky-AI/Sky-T1-32B-Flash", "sky-t1-flash"),
        ("bespokelabs/Bespoke-Stratos-7B", "bespoke-stratos"),
        ("GAIR/LIMO", "limo"),
        ("simplescaling/s1.1-32B", "s1"),
        ("openai/gpt-oss-20b", "gpt-oss"),
        ("Qwen/Qwen3-8B", "qwen3"),
        ("Qwen/Qwen3-4B-Thinking-2507", "qwen3-thinking"),
        ("mistralai/Magistral-Small-2507", "magistral"),
        ("microsoft/Phi-4-reasoning-plus", "phi-4-reasoning"),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1", "nemotron"),
        ("cotscope/tiny-reasoner", "tiny"),
        ("somebody/else-7b", "generic"),
    ],
)
def test_presets_fit_their_models(model: str, preset: str) -> None:
    assert preset_of(model).id == preset
    fitting = [p.id for p in load_presets().values() if model in p.models]
    assert fitting == ([] if preset == "generic" else [preset])


def test_every_preset_makes_requests() -> None:
    for preset in load_presets().values():
        assert preset.source and preset.sampling_source and preset.sampling.max_tokens
        assert preset.checked_what, "what was compared with the authors' words, and what was not"
        assert preset.checked or preset.checked_what.startswith("Not checked")
        for name in (*preset.levels, preset.default):
            request = preset.request("2+2?", preset.level(name))
            assert request.messages[-1] == Message("user", "2+2?")
        if preset.marked:
            assert preset.probe is not None and preset.marks is not None
        with pytest.raises(UsageError, match="no effort"):
            preset.level("tremendous")
    assert GENERIC.level("xhigh").effort == "xhigh"
    opening = {p.id: p.marks.opening for p in load_presets().values() if p.marks is not None}
    assert opening["gpt-oss"] == "<|channel|>analysis<|message|>"
    assert (opening["magistral"], opening["qwen3"]) == ("[THINK]", "<think>\n")
    assert opening["s1"] == "<|im_start|>think\n"
    oss = preset_of("openai/gpt-oss-20b")
    assert oss.request("?", oss.level("high")).effort == "high"
    qwen = preset_of("Qwen/Qwen3-8B")
    assert qwen.request("?", qwen.level("none")).template == {"enable_thinking": False}


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        "169.254.169.254", "169.254.1.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "100.100.100.200", "168.63.129.16", "::", "fe80::1", "fd00:ec2::254", "ff02::1",
        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe", "::ffff:100.100.100.200", "::ffff:0:169.254.169.254", "169.254.170.2",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(bad: str) -> None:
    with pytest.raises(UnsafeAddressError):
        refuse(ipaddress.ip_address(bad))
    host = f"[{bad}]" if ":" in bad else bad
    with pytest.raises(UnsafeAddressError):
        check_url(f"http://{host}:8000/v1")


@pytest.mark.parametrize(
    "good", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "8.8.8.8", "2001:4860:4860::8888"]
)
def test_addresses_that_are_opened(good: str) -> None:
    refuse(ipaddress.ip_address(good))


@pytest.mark.parametrize(
    "bad",
    [
        "ftp://host/v1", "file:///etc/passwd", "gopher://x", "//host/v1", "host:8000", "http://", "",
        "http://user:secret@host/v1", "http://metadata.google.internal/v1", "http://METADATA./v1",
        "http://host/v1?x=http://y", "http://host/v1#x", "http://ho st/v1", "http://[::1/v1",
        "http://host:99999/v1", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_urls_that_are_refused(bad: str) -> None:
    with pytest.raises(UnsafeAddressError) as error:
        check_url(bad)
    assert "secret" not in str(error.value)


def test_a_name_is_checked_by_what_it_resolves_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*_: object, **__: object) -> list[Any]:
        one = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80))
        return [one, (*one[:4], ("169.254.169.254", 80))]

    monkeypatch.setattr(address.socket, "getaddrinfo", found)
    with pytest.raises(UnsafeAddressError):
        OpenAIEngine(Endpoint("http://innocent.example/v1"), "m")
    # numbers in other notations are names to us and addresses to the system
    monkeypatch.undo()
    with pytest.raises((UnsafeAddressError, EngineUnavailableError)):
        OpenAIEngine(Endpoint("http://2852039166/v1", connect_seconds=0.2), "m")


@pytest.mark.parametrize(
    "host",
    [
        "2852039166", "0xa9fea9fe", "0xa9.254.0xa9.254", "169.254.43518", "0251.0376.0251.0376",
        "[::ffff:a9fe:a9fe]", "169。254。169。254", "①⑥⑨.②⑤④.①⑥⑨.②⑤④", "0",
    ],
)  # fmt: skip
def test_other_notations_of_an_address_are_the_same_address(host: str) -> None:
    with pytest.raises(UnsafeAddressError):
        OpenAIEngine(Endpoint(f"http://{host}/v1", retries=0, connect_seconds=0.2), "m")


@pytest.mark.parametrize("key", ["sk-SECRET\nX: y", "sk-SECRET\r", "sk-SECRET é", "“sk-SECRET”"])
def test_a_key_that_no_header_can_hold_is_not_told(
    server: Server, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", f"{key}-")
    with pytest.raises(EngineError, match="line break") as told:
        open_engine(Wanted("openai", "ok", server.url, key_variable="SOME_KEY"))
    shown = "".join(traceback.format_exception(told.value))
    assert "SECRET" not in shown and server.asked == []


# --- endpoints ------------------------------------------------------------------------------------


def test_inline_marks_are_split_and_usage_is_told(server: Server) -> None:
    engine = http(server, "ok")
    events = list(engine.stream(asked("2+2?", logprobs=True, effort="high", seed=3)))
    assert texts(events) == ("\n" + "".join(WORDS) + "\n", "\n\nThe answer is 4.")
    assert [e for e in events if isinstance(e, Usage)] == [Usage(5, 11, 6)]
    assert [e.logprob for e in events if isinstance(e, Token)] == [-0.5] * 4
    done = events[-1]
    assert (
        isinstance(done, Done) and done.finish_reason == "stop" and done.raw.startswith("<think>")
    )
    sent = server.asked[-1]
    assert (sent["seed"], sent["reasoning_effort"], sent["temperature"]) == (3, "high", 0.0)
    engine.close()


def test_thinking_in_its_own_field(server: Server) -> None:
    events = list(http(server, "field").stream(asked("2+2?", n=2)))
    assert texts(events, 0) == texts(events, 1) == ("".join(WORDS), "\n\nThe answer is 4.")
    assert [e.raw for e in events if isinstance(e, Done)] == [None, None]


def test_thinking_that_the_template_opens_is_counted_here(server: Server) -> None:
    """vLLM counts from the opening mark on, and the reply does not hold it: 0 tokens of thinking."""
    (usage,) = [e for e in http(server, "uncounted").stream(asked("2+2?")) if isinstance(e, Usage)]
    assert usage.reasoning == len("".join(WORDS))  # the server's tokenizer gives each character one
    (usage,) = [e for e in http(server, "direct").stream(asked("2+2?")) if isinstance(e, Usage)]
    assert usage.reasoning == 0
    with model_server("somebody") as other:  # one that takes no token ids: nobody knows
        events = list(http(other, "uncounted").stream(asked("2+2?")))
    assert [e.reasoning for e in events if isinstance(e, Usage)] == [None]


def test_an_answer_without_thinking_is_an_answer(server: Server) -> None:
    """Where the template opens the thinking, content that comes first could be either."""
    marks = Marks(prefilled=True)
    inline = OpenAIEngine(endpoint(server), "direct", marks=marks)
    assert texts(list(inline.stream(asked("2+2?")))) == ("\n\nThe answer is 4.", "")
    inline.tells_apart = True  # as of a vLLM server that was started with a reasoning parser
    assert texts(list(inline.stream(asked("2+2?")))) == ("", "\n\nThe answer is 4.")
    learns = OpenAIEngine(endpoint(server), "field", marks=marks)
    list(learns.stream(asked("2+2?")))
    assert learns.tells_apart
    for parser, tells in (("deepseek_r1", True), (None, False)):
        assert ServerPlan("m", "python", reasoning_parser=parser).parses_reasoning is tells
    assert ServerPlan("m", "python", arguments=("--reasoning-parser=qwen3",)).parses_reasoning


def test_a_server_that_does_not_stream(server: Server) -> None:
    events = list(http(server, "whole").stream(asked("2+2?")))
    assert texts(events) == ("2+2=4", "4")
    assert isinstance(events[-1], Done) and events[-1].finish_reason == "stop"


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("malformed", "no JSON"),
        ("cut", "ended before"),
        ("error_event", "out of memory"),
        ("gone", ""),
    ],
)
def test_a_stream_that_breaks_keeps_what_came(server: Server, model: str, says: str) -> None:
    events = list(http(server, model).stream(asked("2+2?")))
    done = events[-1]
    assert isinstance(done, Done) and done.finish_reason == "error"
    assert done.error is not None and says in done.error
    if model != "gone":
        assert texts(events)[0].strip() == "".join(WORDS)


def test_a_reply_without_end_is_cut_off(server: Server) -> None:
    events = list(http(server, "huge", max_bytes=500_000).stream(asked("?")))
    done = events[-1]
    assert isinstance(done, Done) and "500,000 bytes" in (done.error or "")
    assert len(texts(events)[1]) <= 500_000


def test_a_server_that_hangs_times_out(server: Server) -> None:
    events = list(http(server, "hang", read_seconds=0.3).stream(asked("?")))
    done = events[-1]
    assert isinstance(done, Done) and "ReadTimeout" in (done.error or "")
    assert texts(events) == ("so", "")


def test_a_hanging_stream_stops_when_asked(server: Server) -> None:
    cancel = CancelToken()
    threading.Timer(0.2, cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(http(server, "hang").stream(asked("?"), cancel))
    assert time.monotonic() - began < 10


def test_redirects_are_not_followed(server: Server) -> None:
    with pytest.raises(EngineError, match="redirects"):
        list(http(server, "redirect").stream(asked("?")))


def test_busy_servers_are_asked_again(server: Server) -> None:
    server.failing = 2
    assert texts(list(http(server, "busy").stream(asked("?"))))[1].strip() == "The answer is 4."
    server.failing = 99
    with pytest.raises(EngineError, match="slow down"):
        list(http(server, "busy", retries=1).stream(asked("?")))
    server.failing, before = 99, len(server.asked)
    with pytest.raises(EngineError, match="slow down"):  # an hour is not waited for
        list(http(server, "busy_long").stream(asked("?")))
    assert len(server.asked) == before + 1
    with pytest.raises(EngineError, match="it broke"):
        list(http(server, "broken", retries=2).stream(asked("?")))
    assert len(server.asked) == before + 4


def test_no_key_is_shown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "SECRET-KEY-1")
    key = key_from_environment("MY_KEY")
    engine = http(server, "bad_key", api_key=key)
    with pytest.raises(EngineError) as error:
        list(engine.stream(asked("?")))
    assert "SECRET" not in str(error.value) and "***" in str(error.value)
    assert "SECRET" not in repr(Endpoint(server.url, key))
    assert server.headers[-1]["Authorization"] == "Bearer SECRET-KEY-1"
    for bad in ("sk-abc", "MY KEY", "NOT_SET_ANYWHERE_9"):
        with pytest.raises(EngineError):
            key_from_environment(bad)
    assert key_from_environment(None) is None


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(EngineUnavailableError, match="cannot be reached"):
        OpenAIEngine(Endpoint(f"http://localhost:{port}/v1"), "m")


def test_a_reply_is_asked_to_fit_behind_the_prompt() -> None:
    """A recommended limit may be more than the length that a server was started with."""
    with model_server() as small:
        small.context = 1_000
        engine = OpenAIEngine(endpoint(small))
        assert engine.server.context == 1_000
        # (question, limit) -> what is asked for; the prompt is counted only where it may be too long
        for question, most, sent in (("x" * 40, 300, 300), ("x" * 40, 32_768, 960), ("x" * 40, 960, 960),
                                     ("x" * 2_000, 50, 50)):  # fmt: skip
            list(engine.stream(asked(question, sampling=Sampling(max_tokens=most))))
            assert small.asked[-1]["max_tokens"] == sent, (len(question), most)
        list(engine.stream(asked("x" * 40, sampling=Sampling())))
        assert "max_tokens" not in small.asked[-1]
        engine.complete_ids([[1] * 400, [1] * 700], max_tokens=4_096)
        assert small.asked[-1]["max_tokens"] == 300
        assert (
            engine.complete_ids([[1] * 10], max_tokens=24) and small.asked[-1]["max_tokens"] == 24
        )
        engine.close()


def test_features_are_detected(server: Server) -> None:
    vllm = http(server, "ok")
    assert vllm.version == "vllm 0.32.0"
    assert vllm.capabilities().budget and vllm.capabilities().completions
    list(vllm.stream(asked("?", thinking_budget=7, template={"enable_thinking": True})))
    assert server.asked[-1]["thinking_token_budget"] == 7
    probes = run_probes(vllm, vllm.render(asked("2+2?")), "It is 4. Yes.", "every10", marks=Marks())
    assert {p["pred"] for p in probes} == {"4"}
    assert probes[0]["p_pred"] == pytest.approx(math.exp(-0.3))
    vllm.complete_ids([[1]], max_tokens=9, sampling=Sampling(temperature=0.5, max_tokens=400))
    assert (server.asked[-1]["max_tokens"], server.asked[-1]["temperature"]) == (9, 0.5)
    with model_server("somebody") as other:
        plain = OpenAIEngine(endpoint(other))
        assert plain.model == "ok"
        assert not plain.capabilities().completions
        list(plain.stream(asked("?", sampling=Sampling(top_k=5, temperature=0.5))))
        assert "top_k" not in other.asked[-1]
        for request in (
            asked("?", thinking_budget=7),
            asked("?", template={"enable_thinking": True}),
        ):
            with pytest.raises(UnsupportedError):
                list(plain.stream(request))
        with pytest.raises(UnsupportedError):
            plain.complete_ids([[1]], max_tokens=1)


def test_a_llamacpp_server_tells_tokens_in_its_own_way() -> None:
    with model_server("llamacpp") as other:
        other.context = 500
        engine = OpenAIEngine(endpoint(other))
        assert (engine.server.kind, engine.server.context) == ("llamacpp", 500)
        whole, _ = engine.complete_ids([[1], [2]], max_tokens=9)
        assert (whole.text, whole.ids) == (" 4.#no", tuple(map(ord, " 4.#no")))
        assert whole.logprobs == pytest.approx([-0.0, -0.1, -0.2, -0.3, -0.4, -0.5])
        assert (whole.finish_reason, whole.stop_id) == ("length", None)
        (cut,) = engine.complete_ids([[1]], max_tokens=9, stop_ids=[ord("#"), ord("o")])
        assert (cut.text, cut.ids) == (" 4.", (32, 52, 46))
        assert cut.logprobs == pytest.approx([-0.0, -0.1, -0.2])
        assert (cut.finish_reason, cut.stop_id) == ("stop", ord("#"))
        (none,) = engine.complete_ids([[1]], max_tokens=9, stop_ids=[ord(" ")])
        assert (none.text, none.ids, none.logprobs) == ("", (), ())
        engine.close()


# --- a server of our own --------------------------------------------------------------------------


def test_a_server_that_ends_while_starting_is_told(tmp_path: Any) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho no such device; exit 3\n")
    script.chmod(0o755)
    server = VllmServer(ServerPlan("m", str(script)), tmp_path / "log")
    with pytest.raises(EngineUnavailableError, match=r"exit code 3[\s\S]*no such device"):
        server.start()
    assert not server.running


def test_a_server_that_never_comes_up_is_ended_with_its_children(tmp_path: Any) -> None:
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {tmp_path}/child\nwait\n")
    script.chmod(0o755)
    server = VllmServer(ServerPlan("m", str(script), start_seconds=0.6), tmp_path / "log")
    with pytest.raises(EngineUnavailableError, match="did not come up"):
        server.start()
    child = int((tmp_path / "child").read_text())
    for _ in range(50):
        try:
            state = (tmp_path.__class__(f"/proc/{child}/stat")).read_text().split()[2]
        except OSError:
            break
        if state == "Z":
            break
        time.sleep(0.1)
    else:
        raise AssertionError("the child is still there")


@pytest.mark.parametrize(
    "bad", ["--host=0.0.0.0", "--trust-remote-code", "--trust_remote_code", "--hos", "--api-key"]
)
def test_arguments_that_are_not_passed_on(bad: str) -> None:
    with pytest.raises(EngineError, match="not passed on"):
        ServerPlan("m", "python", arguments=(bad,)).command(1)


def test_the_command_of_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = ServerPlan("m", "py", 2, 3, 4096, "qwen3", ("--enforce-eager",))
    command = " ".join(plan.command(8123)[3:])
    assert "--host 127.0.0.1 --port 8123" in command and "--load-format safetensors" in command
    assert "--tensor-parallel-size 2 --data-parallel-size 3 --max-model-len 4096" in command
    assert command.endswith("--reasoning-parser qwen3 --enforce-eager")
    monkeypatch.delenv("COTSCOPE_VLLM_PYTHON", raising=False)
    with pytest.raises(EngineUnavailableError):
        find_python(None)
