"""A dump of any size to measure with: python -m benchmarks.make_corpus OUT.jsonl --mb 300 [--shape mixed]

Deterministic. The texts are new word sequences made of short runs of words of ``sample_traces``
with fresh numbers, because text that is only repeated compresses far better than any real dump.
Each text draws mostly on a stock of its own, as a real one comes back to its own terms: one text
by itself compresses to about 0.31 (zstd, level 1), as real ones do.
Lengths are log-normal, 1 to 60 KB, mean about 13 KB a record.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent.parent / "sample_traces"
SMALLEST, LARGEST = 1_000, 60_000
_MEDIAN, _SPREAD = 9_500, 0.75
_RUNS = 40_000
_RUN_WORDS = (1, 2, 3, 4, 6, 9)
_OWN = 0.4
"""Size of a text's own stock of runs, by the number of runs in it."""
_MARK = re.compile(r"<[|/a-zA-Z]|\[/?[A-Z]{4}|```")
"""Marks that only the shapes below put where they belong."""
_NUMBER = re.compile(r"\d+")
_ASCII = 0.6
"""Share of texts in plain ASCII; of 2,200 real ones that we looked at, 63 % are."""
_EFFORTS = ("low", "medium", "high")
_MODELS = ("kestrel-7b-zero", "heron-8b", "plover-mini", "wader-32b")


class Words:
    """An endless supply of text like that of the sample traces, each in the words of one file."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        texts = [list(_texts(file)) for file in sorted(SAMPLES.glob("*.jsonl"))]
        self._weights = [sum(map(len, found)) for found in texts]
        self._runs = [self._cut(found) for found in texts]
        self._mean = [sum(map(len, runs)) / len(runs) for runs in self._runs]

    def _cut(self, texts: list[str]) -> list[str]:
        found = (word for text in texts for word in re.findall(r"\S+\s*", text))
        words = [word for word in found if not _MARK.search(word)]
        last = max(1, len(words) - max(_RUN_WORDS))
        starts = self._rng.choices(range(last), k=_RUNS)
        return ["".join(words[at : at + self._rng.choice(_RUN_WORDS)]) for at in starts]

    def text(self, length: int) -> str:
        """About this many characters."""
        rng = self._rng
        file = rng.choices(range(len(self._runs)), self._weights)[0]
        count = max(2, round(length / self._mean[file]))
        own = rng.choices(self._runs[file], k=max(2, int(count * _OWN)))
        shift = rng.randrange(1, 900)
        text = "".join(rng.choices(own, k=count))
        if rng.random() < _ASCII:
            text = text.encode("ascii", "ignore").decode()
        return _NUMBER.sub(lambda m: str(int(m[0][:6]) * 7 + shift), text)


def _texts(file: Path) -> Iterator[str]:
    """Every long text of a sample file, wherever it stands in its record."""
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            yield from _strings(json.loads(line))
        except ValueError:
            continue  # one sample is a dump with damaged lines


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) > 200:
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _common(n: int, rng: random.Random) -> dict[str, Any]:
    return {
        "model": _MODELS[n % len(_MODELS)],
        "effort": _EFFORTS[n // 4 % 3],
        "gold": str(rng.randrange(1000)),
    }


def _flat(n: int, rng: random.Random, words: Words, size: int) -> dict[str, Any]:
    return {
        "id": f"flat-{n}",
        "question": words.text(300),
        "reasoning": words.text(size),
        "answer": words.text(size // 20 + 80),
        **_common(n, rng),
        "correct": bool(n % 3),
        "sample_index": n % 4,
        "reasoning_tokens": size // 4,
        "run": {"host": f"node{n % 8}", "seed": n},
    }


def _think(n: int, rng: random.Random, words: Words, size: int) -> dict[str, Any]:
    reply = f"<think>\n{words.text(size)}\n</think>\n\n{words.text(size // 20 + 80)}"
    return {
        "id": f"think-{n}",
        "question_id": f"q{n // 4}",
        "prompt": words.text(250),
        "response": reply,
        **_common(n, rng),
        "finish_reason": "stop",
    }


def _chat(n: int, rng: random.Random, words: Words, size: int) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": words.text(size // 20 + 80),
        "reasoning_content": words.text(size),
    }
    usage = {"prompt_tokens": 90, "completion_tokens": size // 3, "total_tokens": 90 + size // 3}
    return {
        "request": {
            "model": _MODELS[n % 4],
            "messages": [{"role": "user", "content": words.text(300)}],
            "reasoning_effort": _EFFORTS[n % 3],
        },
        "response": {
            "id": f"chatcmpl-{n}",
            "object": "chat.completion",
            "created": 1_760_000_000 + n,
            "model": _MODELS[n % 4],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": usage,
        },
    }


def _messages(n: int, rng: random.Random, words: Words, size: int) -> dict[str, Any]:
    turns = [
        {"role": "system", "content": "You are a helpful assistant. Think step by step."},
        {"role": "user", "content": words.text(300)},
        {
            "role": "assistant",
            "content": f"<think>{words.text(size)}</think>{words.text(size // 20 + 80)}",
        },
    ]
    return {"id": f"turns-{n}", "messages": turns, **_common(n, rng), "source": "made"}


def _lists(n: int, rng: random.Random, words: Words, size: int) -> dict[str, Any]:
    count = 4
    part = max(SMALLEST // 2, size // count)
    return {
        "id": f"lists-{n}",
        "prompt": words.text(250),
        "output": [words.text(part // 20 + 80) for _ in range(count)],
        "thinking": [words.text(part) for _ in range(count)],
        "finish_reason": ["stop"] * (count - 1) + ["length"],
        **_common(n, rng),
    }


SHAPES: dict[str, Callable[[int, random.Random, Words, int], dict[str, Any]]] = {
    "flat": _flat,
    "think": _think,
    "chat": _chat,
    "messages": _messages,
    "lists": _lists,
}
COLUMNS = {
    **dict.fromkeys(("id", "question_id", "question", "prompt", "reasoning", "answer"), "VARCHAR"),
    **dict.fromkeys(("model", "effort", "gold", "finish_reason", "source"), "VARCHAR"),
    **dict.fromkeys(("response", "messages", "request", "output", "thinking", "run"), "VARCHAR"),
    "correct": "BOOLEAN",
    "sample_index": "INTEGER",
    "reasoning_tokens": "BIGINT",
}
"""Every top-level key of the shapes, as DuckDB's ``read_json(columns=...)`` wants it."""


def write(path: Path, megabytes: float, *, shape: str = "mixed", seed: int = 1) -> int:
    """Write a dump of about this many MB; returns the number of records."""
    rng = random.Random(seed)
    words = Words(rng)
    makers = list(SHAPES.values()) if shape == "mixed" else [SHAPES[shape]]
    written = n = 0
    with path.open("w", encoding="utf-8") as out:
        while written < megabytes * 1e6:
            size = int(min(LARGEST, max(SMALLEST, rng.lognormvariate(9.16, _SPREAD))))
            line = json.dumps(makers[n % len(makers)](n, rng, words, size), ensure_ascii=False)
            out.write(line + "\n")
            written += len(line.encode()) + 1
            n += 1
    return n


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mb", type=float, default=300.0)
    parser.add_argument("--shape", choices=("mixed", *SHAPES), default="mixed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    records = write(options.out, options.mb, shape=options.shape, seed=options.seed)
    print(f"{options.out}: {records:,} records, {options.out.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
