"""Forced-answer probes: cut the thinking at chosen points, and ask for the answer at once.

Each point is one prompt of token ids (question, the thinking so far, its end, the first words of an
answer); all points of a trace go to the engine together, which reads their common beginning once.
The result has the form that ``analyzers.probes.read_probes`` reads from any record. Works on imported
traces as well, as long as their model can be run. After Fu et al., "Dynasor" (arXiv 2412.20993).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.answers.candidates import candidates
from analysis.engines.protocol import Engine, Marks
from analysis.errors import UsageError
from analysis.progress import CancelToken
from analysis.text.masks import mask_spans
from analysis.text.sentences import split_sentences
from analysis.text.thoughts import split_thoughts

POINTS = ("every10", "thoughts", "candidates")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
MAX_POINTS = 200
"""A longer list of points is thinned out evenly, its first and last kept."""


@dataclass(frozen=True, slots=True)
class ProbeForm:
    """How an answer is asked for: what closes the thinking, and where the answer ends."""

    ask: str = "\n</think>\n\nThe final answer is"
    ends: tuple[str, ...] = ("\n", ". ", "</")
    """The answer ends before the first of these; a full stop at its very end is not part of it. Asked
    with an open brace, it ends where that is closed, and at these only where it never is."""
    max_tokens: int = 24


BOXED = ProbeForm("\n</think>\n\nThe final answer is \\boxed{", ("}\n", "}$", "}.", "} ", "\n"), 32)


def probe_points(reasoning: str, where: str) -> list[int]:
    """Offsets (code points, rising) at which the thinking is cut.

    ``every10``: every tenth of the text. ``thoughts``: behind every thought. ``candidates``: behind
    every place where the text gives an answer. Both ends are always points: what the model knows
    without its thinking is what all else is held against.
    """
    if where not in POINTS:
        raise UsageError(f"Probes are at {', '.join(POINTS)}, not {where!r}.")
    size = len(reasoning)
    if where == "every10":
        found = {_word_end(reasoning, round(size * n / 10)) for n in range(11)}
    else:
        masks = mask_spans(reasoning)
        sentences = split_sentences(reasoning, masks)
        if where == "thoughts":
            found = {t.end for t in split_thoughts(reasoning, sentences, masks)}
        else:
            found = {c.end for c in candidates(reasoning, sentences)}
    points = sorted(found | {0, size})
    if len(points) > MAX_POINTS:
        step = (len(points) - 1) / (MAX_POINTS - 1)
        points = [points[round(n * step)] for n in range(MAX_POINTS)]
    return points


def _word_end(text: str, at: int) -> int:
    """The next place, a little further on, that cuts no word or number."""
    for end in range(at, min(len(text), at + 20)):
        if end == 0 or not (text[end].isalnum() and text[end - 1].isalnum()):
            return end
    return min(at, len(text))


def run_probes(
    engine: Engine,
    prompt: Sequence[int],
    reasoning: str,
    where: str,
    *,
    marks: Marks,
    form: ProbeForm | None = None,
    cancel: CancelToken | None = None,
) -> list[dict[str, Any]]:
    """The probes of one trace: ``frac``, ``tokens``, ``char``, ``pred``, ``p_pred``, in order.

    ``prompt`` are the token ids of the question in the chat template. ``p_pred`` is the probability
    of exactly this answer text, greedy, None where the engine tells no log-probabilities.
    """
    form = form or ProbeForm(f"\n{marks.close}\n\nThe final answer is")
    tail = engine.detokenize(list(prompt)[-64:])
    opened = list(prompt)
    if not tail.rstrip().endswith(marks.open):
        opened += engine.tokenize(marks.opening)
    points = probe_points(reasoning, where)
    # Cut texts are tokenised from their own start, so that each prompt is what a model would see.
    kept = [engine.tokenize(reasoning[:at]) if at else [] for at in points]
    ask = engine.tokenize(form.ask)
    done = engine.complete_ids(
        [[*opened, *ids, *ask] for ids in kept], max_tokens=form.max_tokens, cancel=cancel
    )
    most = len(kept[-1])
    count = 0
    found: list[dict[str, Any]] = []
    for at, ids, completion in zip(points, kept, done, strict=True):
        # A word that is cut may be more tokens than the whole one: counts never fall.
        count = max(count, min(len(ids), most))
        pred = _answer(completion.text, form)
        chance = _chance(engine, completion.ids, completion.logprobs, completion.text, pred)
        found.append(
            {
                "frac": count / most if most else 1.0,
                "tokens": count,
                "char": at,
                "pred": pred or None,
                "p_pred": chance,
                "where": where,
            }
        )
    return found


def _answer(text: str, form: ProbeForm) -> str:
    """The answer at the start of what followed: up to the brace that closes one that was asked with."""
    lead = text.lstrip()
    if form.ask.endswith("{") and (end := _closing(lead)) is not None:
        return lead[:end].strip()
    ends = [at for mark in form.ends if (at := lead.find(mark)) >= 0]
    found = lead[: min(ends)] if ends else lead
    return found.strip().removesuffix(".").strip()


def _closing(text: str) -> int | None:
    """Where the brace is closed that was open before the text; None where it stays open."""
    depth = 0
    for brace in _BRACE.finditer(text):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth < 0:
            return brace.start()
    return None


def _chance(
    engine: Engine,
    ids: Sequence[int],
    logprobs: Sequence[float] | None,
    text: str,
    pred: str,
) -> float | None:
    """The probability of the tokens up to the end of the answer."""
    if logprobs is None or not pred or len(logprobs) != len(ids):
        return None
    needed = text.find(pred) + len(pred)
    for count in range(1, len(ids) + 1):
        if len(engine.detokenize(ids[:count])) >= needed:
            return math.exp(sum(logprobs[:count]))
    return math.exp(sum(logprobs))
