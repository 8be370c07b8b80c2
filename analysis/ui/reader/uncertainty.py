"""Log-probabilities of tokens as places in the text: where the model was unsure of its next token."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

LEVELS = (0.9, 0.5, 0.2)
"""A token below the first was not sure, below the second unsure, below the third very unsure."""
MAX_TOKENS = 100_000
_LOOK_AHEAD = 16
"""How far, in code points, a token may stand behind the one before; what lies between has no token."""
_LEAST_COVERED = 0.5


def token_doubts(metadata: Mapping[str, Any], text: str) -> dict[str, Any] | None:
    """The tokens of ``text`` whose probability is below ``LEVELS[0]``, and how many were told.

    ``at``: offsets (code points), ``size``: lengths, ``p``: probabilities in thousandths, all in
    order. None where the record tells no log-probabilities, or they are not those of this text.
    """
    told = list(_tokens(metadata))
    if not told or not text:
        return None
    at: list[int] = []
    size: list[int] = []
    chance: list[int] = []
    covered = count = 0
    for start, end, logprob in _placed(told, text):
        covered += end - start
        if logprob is None:
            continue
        count += 1
        probability = math.exp(min(0.0, logprob))
        if probability < LEVELS[0]:
            at.append(start)
            size.append(end - start)
            chance.append(round(1000 * probability))
    if not count or covered < _LEAST_COVERED * len(text):
        return None
    return {"at": at, "size": size, "p": chance, "count": count, "levels": list(LEVELS)}


def _tokens(metadata: Mapping[str, Any]) -> Iterable[tuple[str, float | None]]:
    """(text, log-probability) of each token, in the forms in which records keep them."""
    found = metadata.get("token_logprobs")
    logprobs = metadata.get("logprobs")
    if not isinstance(found, list) and isinstance(logprobs, Mapping):
        found = logprobs.get("content")
        texts, values = logprobs.get("tokens"), logprobs.get("token_logprobs")
        if not isinstance(found, list) and isinstance(texts, list) and isinstance(values, list):
            found = list(zip(texts, values, strict=False))
    for item in found[:MAX_TOKENS] if isinstance(found, list) else ():
        if isinstance(item, Mapping):
            text, value = item.get("token"), item.get("logprob")
        elif isinstance(item, list | tuple) and len(item) == 2:
            text, value = item
        else:
            continue
        if isinstance(text, str):
            yield text, _number(value)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _placed(
    told: list[tuple[str, float | None]], text: str
) -> Iterable[tuple[int, int, float | None]]:
    """Where each token stands in the text; those before it (marks) and behind it are left out."""
    joined = "".join(token for token, _ in told)
    before = joined.find(text)
    if before >= 0:
        yield from _exact(told, before, len(text))
        return
    # Not word for word the same (white space that was stripped, a broken character): one by one.
    here = 0
    for token, logprob in told:
        place = text.find(token, here, here + len(token) + _LOOK_AHEAD) if token else -1
        if place >= 0:
            here = place + len(token)
            yield place, here, logprob


def _exact(
    told: list[tuple[str, float | None]], before: int, length: int
) -> Iterable[tuple[int, int, float | None]]:
    here = -before
    for token, logprob in told:
        start, end = max(0, here), min(length, here + len(token))
        here += len(token)
        if start < end:
            yield start, end, logprob
        if here >= length:
            return
