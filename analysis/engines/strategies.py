"""Decoding strategies over samples: votes, best of n, self-refinement, rejection sampling.

Choosing works on samples from anywhere, also imported ones; refining asks an engine again. Two
answers are one if their normal forms say the same (``answers.normalise``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from analysis.answers.extract import final_answer
from analysis.answers.normalise import Form, parse, same
from analysis.engines.follow import CRITIQUE, REJECTED
from analysis.engines.protocol import Content, Done, Engine, Message, Reasoning, Request
from analysis.progress import CancelToken

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sampled:
    """One sample as strategies see it."""

    answer: str | None
    """Its final answer; None casts no vote."""
    text: str = ""
    reasoning: str = ""
    logprob: float | None = None
    """Mean log-probability of its tokens."""
    score: float | None = None
    """What its record says of it, the score of a reward model, say."""
    metric: float | None = None
    """A measure of it that is stored."""
    chars: int | None = None
    """Length of its thinking in code points; None is that of ``reasoning``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a strategy settled on."""

    answer: str | None
    share: float
    """Of the votes (weights) that the answer got, 0 to 1; 0 where nothing voted."""
    votes: tuple[tuple[str, float], ...]
    """Every answer with its weight, most first; ties in the order of the samples."""
    first: int | None = None
    """Index of the first sample with the answer that won."""


def majority_vote(samples: Sequence[Sampled]) -> Choice:
    """Self-consistency (Wang et al., arXiv 2203.11171): the answer of most samples."""
    return weighted_vote(samples, lambda sample: 1.0)


def weighted_vote(samples: Sequence[Sampled], weight: Callable[[Sampled], float | None]) -> Choice:
    """The answer with the most weight; samples without an answer or weight cast no vote."""
    names: list[str] = []
    totals: list[float] = []
    forms: list[Form] = []
    firsts: list[int] = []
    for index, sample in enumerate(samples):
        if sample.answer is None or not sample.answer.strip():
            continue
        given = weight(sample)
        if given is None or given <= 0:
            continue
        form = parse(sample.answer)
        place = next((n for n, known in enumerate(forms) if same(known, form)), None)
        if place is None:
            names.append(sample.answer.strip())
            forms.append(form)
            firsts.append(index)
            totals.append(given)
        else:
            totals[place] += given
    ranked = sorted(range(len(names)), key=lambda n: -totals[n])
    votes = tuple((names[n], totals[n]) for n in ranked)
    whole = sum(totals)
    if not votes:
        return Choice(None, 0.0, ())
    return Choice(votes[0][0], votes[0][1] / whole, votes, firsts[ranked[0]])


def best_of_n(samples: Sequence[T], scorer: Callable[[T], float | None]) -> int | None:
    """Index of the sample with the highest score, the first of equals; None if none has one."""
    best: tuple[float, int] | None = None
    for index, sample in enumerate(samples):
        score = scorer(sample)
        if score is not None and score == score and (best is None or score > best[0]):
            best = (score, index)
    return None if best is None else best[1]


def confidence(sample: Sampled) -> float | None:
    """A scorer: the mean log-probability, where it is known."""
    return sample.logprob


def brevity(sample: Sampled) -> float | None:
    """A scorer: the shortest thinking that has an answer ("first to finish")."""
    return -float(thinking_chars(sample)) if sample.answer else None


def thinking_chars(sample: Sampled) -> int:
    """Length of a sample's thinking in code points."""
    return len(sample.reasoning) if sample.chars is None else sample.chars


def rejection_sample(
    samples: Iterable[T], accept: Callable[[T], bool], *, most: int | None = None
) -> list[int]:
    """Indices of the samples that are accepted (by a verifier, say), at most ``most``.

    For curating traces: what is kept can be exported as a data set.
    """
    kept: list[int] = []
    for index, sample in enumerate(samples):
        if most is not None and len(kept) >= most:
            break
        if accept(sample):
            kept.append(index)
    return kept


def ask(engine: Engine, request: Request, cancel: CancelToken | None = None) -> Sampled:
    """One sample of a request, its thinking and answer apart."""
    thinking: list[str] = []
    content: list[str] = []
    for event in engine.stream(replace(request, n=1), cancel):
        if isinstance(event, Reasoning):
            thinking.append(event.text)
        elif isinstance(event, Content):
            content.append(event.text)
        elif isinstance(event, Done) and event.error:
            break
    reasoning, text = "".join(thinking), "".join(content).strip()
    found = final_answer(text, reasoning)
    return Sampled(found.raw if found else None, text, reasoning)


def refine(
    engine: Engine,
    request: Request,
    *,
    rounds: int = 1,
    verify: Callable[[Sampled], bool] | None = None,
    cancel: CancelToken | None = None,
) -> list[Sampled]:
    """The first answer and its revisions.

    Without ``verify`` the model criticises itself, in every round. With it, the model is told that
    its answer is wrong, as long as it is (feedback from outside). Thinking is not shown to it again,
    as chat templates of reasoning models drop it.
    """
    turns = list(request.messages)
    found = [ask(engine, request, cancel)]
    for _ in range(rounds):
        if verify is not None and verify(found[-1]):
            break
        said = CRITIQUE if verify is None else REJECTED
        turns += [Message("assistant", found[-1].text), Message("user", said)]
        found.append(ask(engine, replace(request, messages=tuple(turns)), cancel))
    return found
