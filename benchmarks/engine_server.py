"""A streaming server that costs nearly nothing: an OpenAI-compatible endpoint without a model.

    python -m benchmarks.engine_server --tokens 400 --rate 80

It answers every chat completion with the same ``--tokens`` events, ``--rate`` a second on each stream (0: as
fast as they are read), one event a token as vLLM sends them. Prints its address. For benchmarks/engines.py.
"""

from __future__ import annotations

import argparse
import asyncio
import json

WORDS = (
    "So",
    " the",
    " next",
    " step",
    " is",
    " 12",
    "+",
    "34",
    ",",
    " which",
    " gives",
    " 46",
    ".\n",
)
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


def event(**choice: object) -> bytes:
    value = {
        "id": "chatcmpl-0123456789abcdef", "object": "chat.completion.chunk", "created": 1790000000,
        "model": "fake",
        "choices": [{"index": 0, "logprobs": None, "finish_reason": None, **choice}] if choice else [],
    }  # fmt: skip
    return chunk(value)


def chunk(value: object) -> bytes:
    data = b"data: " + json.dumps(value).encode() + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


def events(tokens: int) -> list[bytes]:
    """What one reply is made of: nine tenths thinking, the rest answer, then the usage."""
    thinking = tokens * 9 // 10
    made = [event(delta={"role": "assistant", "content": ""})]
    for n in range(tokens):
        name = "reasoning" if n < thinking else "content"
        made.append(event(delta={name: WORDS[n % len(WORDS)]}))
    made.append(event(delta={}, finish_reason="stop"))
    usage = {
        "prompt_tokens": 20, "completion_tokens": tokens, "total_tokens": tokens + 20,
        "completion_tokens_details": {"reasoning_tokens": thinking},
    }  # fmt: skip
    made.append(chunk({"id": "x", "choices": [], "usage": usage}))
    end = b"data: [DONE]\n\n"
    made.append(b"%x\r\n%s\r\n0\r\n\r\n" % (len(end), end))
    return made


class Fake:
    def __init__(self, tokens: int, rate: float) -> None:
        self.events, self.rate = events(tokens), rate
        self.whole = b"".join(self.events)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                sizes = [x.split(":")[1] for x in lines if x.lower().startswith("content-length")]
                if sizes:
                    await reader.readexactly(int(sizes[0]))
                await self.answer(lines[0].split(" ")[1], writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        if path.endswith("/chat/completions"):
            writer.write(HEAD)
            await self.stream(writer)
            return
        rows = [{"id": "fake", "owned_by": "vllm"}]
        known = {
            "/v1/models": {"data": rows},
            "/version": {"version": "0"},
            "/tokenize": {"tokens": [1]},
        }
        data = json.dumps(known.get(path, {})).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        await writer.drain()

    async def stream(self, writer: asyncio.StreamWriter) -> None:
        if not self.rate:
            writer.write(self.whole)
            await writer.drain()
            return
        loop = asyncio.get_running_loop()
        due = loop.time()
        for data in self.events:
            writer.write(data)
            due += 1 / self.rate
            # What is late is sent at once: the rate holds on a busy machine, too.
            if (left := due - loop.time()) > 0:
                await asyncio.sleep(left)
        await writer.drain()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=400)
    parser.add_argument("--rate", type=float, default=80.0)
    options = parser.parse_args()
    fake = Fake(options.tokens, options.rate)
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
