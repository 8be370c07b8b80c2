"""A real HTTP server that answers like an OpenAI-compatible one, or fails like one, for tests.

What it does is told by the model's name in the request: ``ok``, ``field``, ``cut``, ``malformed``, ...
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = ["Let", " me", " see.", " 2+2=4."]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    owner = "vllm"
    context: int | None = None
    asked: list[dict[str, Any]]
    headers: list[dict[str, str]]
    busy: int
    most_busy: int
    failing: int

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some tests are about."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            length = {"max_model_len": self.server.context}
            if self.server.owner == "llamacpp":
                length = {"meta": {"n_ctx": self.server.context}}
            rows = [{"id": "ok", "owned_by": self.server.owner} | length]
            self._json({"object": "list", "data": rows})
        elif self.path == "/version" and self.server.owner == "vllm":
            self._json({"version": "0.32.0"})
        else:
            self._json({"error": "no such path"}, 404)

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size) or b"{}")
        self.server.headers.append(dict(self.headers))
        if self.path == "/tokenize":
            text = body.get("content" if self.server.owner == "llamacpp" else "prompt")
            if text is None:
                text = "".join(m["content"] for m in body["messages"])
            self._json({"tokens": [ord(c) for c in text]})
        elif self.path == "/detokenize":
            self._json({"prompt": "".join(map(chr, body["tokens"]))})
        else:
            self.server.asked.append(body)
            self.server.busy += 1
            self.server.most_busy = max(self.server.most_busy, self.server.busy)
            try:
                self._complete(body)
            finally:
                self.server.busy -= 1

    def _complete(self, body: dict[str, Any]) -> None:
        kind = body["model"]
        if kind == "redirect":
            self._json({}, 302, {"Location": "http://169.254.169.254/latest/meta-data"})
        elif kind == "bad_key":
            self._json({"error": {"message": "wrong key SECRET-KEY-1 given"}}, 401)
        elif kind in ("busy", "busy_long"):
            self.server.failing -= 1
            if self.server.failing >= 0:
                wait = "9999" if kind == "busy_long" else "0.05"
                self._json({"error": {"message": "slow down"}}, 429, {"Retry-After": wait})
            else:
                self._stream(body, "ok")
        elif kind == "broken":
            self._json({"error": {"message": "it broke"}}, 500)
        elif kind == "whole":
            message = {"role": "assistant", "content": "4", "reasoning_content": "2+2=4"}
            self._json({"model": kind, "choices": [{"index": 0, "message": message,
                        "finish_reason": "stop"}], "usage": {"prompt_tokens": 3,
                        "completion_tokens": 9}})  # fmt: skip
        elif "prompt" in body and not body.get("stream"):
            choices = [
                {"index": n, "text": " 4.\n", "finish_reason": "stop", "stop_reason": 10,
                 "token_ids": [32, 52, 46, 10], "logprobs": {"token_logprobs": [-0.1, -0.2, -0.3, 0.0]}}
                for n, _ in enumerate(body["prompt"])
            ]  # fmt: skip
            if self.server.owner == "llamacpp":  # it takes no stop ids, and tells tokens otherwise
                rows = [
                    {"id": ord(c), "token": c, "logprob": -0.1 * n} for n, c in enumerate(" 4.#no")
                ]
                for choice in choices:
                    del choice["token_ids"], choice["stop_reason"]
                    choice |= {
                        "text": " 4.#no",
                        "logprobs": {"content": rows},
                        "finish_reason": "length",
                    }
            self._json({"choices": choices[::-1]})
        else:
            self._stream(body, kind)

    def _stream(self, body: dict[str, Any], kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in _pieces(kind, body):
            if piece == "SLEEP":
                time.sleep(30)
            self.wfile.write(piece.encode())
            self.wfile.flush()
        self.close_connection = True

    def _json(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _event(
    index: int = 0, finish: str | None = None, logprob: float | None = None, **delta: Any
) -> str:
    choice: dict[str, Any] = {"index": index, "delta": delta, "finish_reason": finish}
    if logprob is not None:
        text = next(iter(delta.values()))
        choice["logprobs"] = {"content": [{"token": text, "logprob": logprob}]}
    return f"data: {json.dumps({'model': 'm', 'choices': [choice]})}\n\n"


def _pieces(kind: str, body: dict[str, Any]) -> Iterator[str]:
    if kind == "huge":
        while True:
            yield _event(content="x" * 60_000)
    if kind == "hang":
        yield _event(content="<think>so")
        yield "SLEEP"
    apart = kind in ("field", "uncounted", "direct")
    name = "reasoning" if apart else "content"
    if kind == "gone":  # a server whose process ends before it says a word
        return
    for index in range(body.get("n") or 1):
        yield ": keep alive\n\n"
        yield _event(index, role="assistant", content="")
        if name == "content":
            yield _event(index, content="<thi")
            yield _event(index, content="nk>\n")
        for word in () if kind == "direct" else WORDS:
            yield _event(index, logprob=-0.5 if body.get("logprobs") else None, **{name: word})
        if kind == "malformed":
            yield 'data: {"choices": [{"delta": {"con\n\n'
            return
        if kind == "cut":
            return
        if kind == "error_event":
            yield 'data: {"error": {"message": "out of memory"}}\n\n'
            return
        close = "" if apart else "\n</th"
        if close:
            yield _event(index, content=close) + _event(index, content="ink>")
        yield _event(index, content="\n\nThe answer is 4.")
        yield _event(index, finish="stop")
    thought = 0 if kind in ("uncounted", "direct") else 6
    usage = {"prompt_tokens": 5, "completion_tokens": 11,
             "completion_tokens_details": {"reasoning_tokens": thought}}  # fmt: skip
    yield f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n"
    yield "data: [DONE]\n\n"


@contextmanager
def model_server(owner: str = "vllm") -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), _Handler)
    server.owner, server.asked, server.headers = owner, [], []
    server.busy = server.most_busy = server.failing = 0
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
