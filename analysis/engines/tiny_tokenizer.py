"""The tokenizer of the tiny reasoner, in Python: byte-level BPE from a ``tokenizer.json``.

The library `tokenizers` is an extra; this reads the one layout that the training script writes, and
the tests hold the two equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from analysis.engines.protocol import EngineUnavailableError

PIECES = r" ?[A-Za-z]+|[0-9]|[^A-Za-z0-9]"
_PIECE = re.compile(PIECES, re.DOTALL)


def _byte_letters() -> dict[int, str]:
    """The visible letter that stands for each byte (the table of GPT-2)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in plain}
    rest = [byte for byte in range(256) if byte not in letters]
    return letters | {byte: chr(256 + n) for n, byte in enumerate(rest)}


_LETTER = _byte_letters()
_BYTE = {letter: byte for byte, letter in _LETTER.items()}


class TinyTokenizer:
    """Text to token ids and back."""

    def __init__(self, path: Path) -> None:
        """Raises ``EngineUnavailableError`` for a file of another layout."""
        data = json.loads(path.read_text(encoding="utf-8"))
        steps = (data.get("pre_tokenizer") or {}).get("pretokenizers") or [{}]
        if data["model"]["type"] != "BPE" or steps[0].get("pattern") != {"Regex": PIECES}:
            raise EngineUnavailableError(f"{path.name} is not the tokenizer of the tiny reasoner.")
        self._vocab: dict[str, int] = data["model"]["vocab"]
        merges = (m.split(" ") if isinstance(m, str) else m for m in data["model"]["merges"])
        self._ranks = {tuple(merge): rank for rank, merge in enumerate(merges)}
        self._special: dict[str, int] = {t["content"]: t["id"] for t in data["added_tokens"]}
        self._text = {number: text for text, number in self._vocab.items()}
        self._special_text = {number: text for text, number in self._special.items()}
        marks = sorted(self._special, key=len, reverse=True)
        self._split = re.compile("(" + "|".join(map(re.escape, marks)) + ")")
        self._piece = lru_cache(maxsize=4096)(self._merge)

    def encode(self, text: str) -> list[int]:
        """Token ids; special tokens are recognised."""
        ids: list[int] = []
        for part in self._split.split(text):
            if part in self._special:
                ids.append(self._special[part])
                continue
            for piece in _PIECE.findall(part):
                ids += self._piece(piece)
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """Text; special tokens are shown, unknown ids are nothing."""
        out = bytearray()
        for number in ids:
            if number in self._special_text:
                out += self._special_text[number].encode()
            else:
                out += bytes(_BYTE[letter] for letter in self._text.get(number, ""))
        return out.decode("utf-8", errors="replace")

    def _merge(self, piece: str) -> tuple[int, ...]:
        """The pair that was learnt first is joined first, until none is left."""
        # A lone surrogate has no UTF-8; the replacement character stands for it.
        data = piece.encode("utf-8", errors="surrogatepass").decode("utf-8", errors="replace")
        parts = [_LETTER[byte] for byte in data.encode()]
        while len(parts) > 1:
            pairs = list(pairwise(parts))
            best = min(pairs, key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            joined: list[str] = []
            at = 0
            while at < len(parts):
                if at + 1 < len(parts) and (parts[at], parts[at + 1]) == best:
                    joined.append(parts[at] + parts[at + 1])
                    at += 2
                else:
                    joined.append(parts[at])
                    at += 1
            parts = joined
        return tuple(self._vocab[part] for part in parts)
