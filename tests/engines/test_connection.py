"""A real server behind a connection that fails: what came stays, and the error says what happened."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest

from analysis.engines.http_client import Endpoint
from analysis.engines.openai_http import OpenAIEngine
from analysis.engines.plans import Plan
from analysis.engines.presets import preset_of
from analysis.engines.protocol import EngineError
from analysis.engines.questions import typed_questions
from analysis.engines.runs import execute
from analysis.engines.vllm_server import VllmServer
from analysis.store import Store
from tests.engines.asking import USUAL, Asked, request
from tests.engines.conftest import Subject
from tests.engines.proxy import Cut, Held, Proxy, late, proxy_to

pytestmark = pytest.mark.engines
LATE = 4000
"""Bytes of a reply after which something happens: behind the first pieces of the thinking."""


@pytest.fixture
def proxy(server: VllmServer) -> Iterator[Proxy]:
    with proxy_to(server.port) as found:
        yield found


@pytest.fixture
def engine(server: VllmServer, proxy: Proxy) -> Iterator[OpenAIEngine]:
    endpoint = Endpoint(
        f"http://127.0.0.1:{proxy.port}/v1", server.key, read_seconds=6.0, first_wait_seconds=0.05
    )
    # A connection for each request, so that every one of them goes through what a test has set.
    found = OpenAIEngine(endpoint, concurrency=4)
    yield found
    found.close()


def cut(rest: bytes) -> bytes:
    return Cut(b"")


def garble(rest: bytes) -> bytes:
    return rest.replace(b'"choices":[{', b'"choices":[]')


def misframe(rest: bytes) -> bytes:
    return b"zz\r\nwhat is this\r\n" * 300  # longer than the chunk that it begins in


def silence(rest: bytes) -> bytes:
    return Held(b"")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (cut, "RemoteProtocolError|ReadError|closed"),
        (garble, "no JSON"),
        (misframe, "RemoteProtocolError|illegal|no JSON"),
        (silence, "ReadTimeout"),
    ],
)
def test_a_stream_that_fails_midway_keeps_what_came(
    engine: OpenAIEngine,
    proxy: Proxy,
    server: VllmServer,
    model: Subject,
    fault: Callable[[bytes], bytes],
    says: str,
) -> None:
    asked = request(effort="high", n=1)
    whole = Asked(engine, asked)
    assert whole.done[0].error is None and len(whole.thinking) > 80
    proxy.do = late(LATE, fault)
    broken = Asked(engine, asked)
    done = broken.done
    assert len(done) == 1 and done[0].finish_reason == "error"
    assert done[0].error is not None
    assert re.search(says, done[0].error), done[0].error
    assert server.key not in done[0].error
    assert 0 < len(broken.thinking) < len(whole.thinking)
    proxy.do = None
    again = Asked(engine, asked)
    assert again.done[0].error is None
    if model.tiny:  # on a GPU the same request need not give the same tokens twice
        assert whole.thinking.startswith(broken.thinking) and again.thinking == whole.thinking


def test_a_connection_that_is_cut_before_an_answer_is_made_again(
    engine: OpenAIEngine, proxy: Proxy
) -> None:
    left = [2]
    lock = threading.Lock()

    def cut_first(count: int, piece: bytes) -> bytes:
        with lock:
            left[0] -= 1
            return Cut(b"") if left[0] >= 0 else piece

    proxy.do = cut_first
    before = proxy.connections
    assert Asked(engine, request()).done[0].error is None
    assert proxy.connections - before >= 2


def test_probes_that_fail_are_an_error_and_not_an_empty_curve(
    engine: OpenAIEngine, proxy: Proxy
) -> None:
    ids = engine.tokenize("What is 1+1?")
    proxy.do = lambda count, piece: piece.replace(b'"choices"', b'"chooses"')
    with pytest.raises(EngineError, match="did not answer every prompt"):
        engine.complete_ids([ids, ids], max_tokens=4)


def test_a_run_through_a_bad_connection_and_its_resume(
    engine: OpenAIEngine, proxy: Proxy, server: VllmServer, store: Store, model: Subject
) -> None:
    questions = tuple(typed_questions(f"What is {n}+{n + 9}?" for n in range(12, 24)))
    plan = Plan(questions, preset_of(model.model, model.preset), sampling=USUAL)
    streams = [0]
    lock = threading.Lock()

    def third(count: int, piece: bytes) -> bytes:
        with lock:
            if count <= LATE < count + len(piece):
                streams[0] += 1
                if streams[0] % 3 == 0:
                    return Cut(piece[: LATE - count])
        return piece

    proxy.do = third
    first = execute(store, engine, plan, concurrency=2)
    assert first.new == 12 and 0 < first.failed < 8 and first.stopped is None
    errors = store.rows("SELECT error, reasoning FROM trace WHERE error IS NOT NULL")
    assert len(errors) == first.failed and all(r[1] for r in errors), "what came before the cut"
    direct = OpenAIEngine(Endpoint(server.base_url, server.key), concurrency=4)
    try:
        second = execute(store, direct, plan, resume=True)
    finally:
        direct.close()
    assert (second.new, second.failed, second.missing) == (first.failed, 0, 0)
    good = store.rows("SELECT count(DISTINCT question), count(*) FROM trace WHERE error IS NULL")
    assert good == [(12, 12)]
