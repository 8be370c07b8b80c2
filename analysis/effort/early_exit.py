"""What thinking would have given, and cost, had it been stopped early: a simulation on recorded answers.

Each trace is a track: its thinking tokens, its verdict, and the answers that stood on the way (the
candidates of its text, or its recorded probes), each with its place as a share of the thinking and
whether it is right. A policy says where to stop; the answer is then the last one that stood, and
none counts as wrong. Who never meets the policy thinks to the end and keeps the verdict. The tokens
of the final answer itself are not counted.

Candidates show what the text said, not what the model would have answered if asked: for that there
are probes. Arrays throughout; linear in the number of answers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.effort.intervals import Interval, bootstrap_ratio

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

POLICIES = {
    "full": "Think to the end; no parameter.",
    "candidate": "Stop at the n-th candidate answer.",
    "equal_candidates": "Stop when the last k candidate answers are equal.",
    "tokens": "Stop after so many thinking tokens, with the last candidate answer before that.",
    "fraction": "Stop after this share of the thinking, with the last candidate answer before that.",
    "probe_equal": "Stop when the last k probes agree and none of them is uncertain (Dynasor's rule).",
    "probe_tokens": "Stop after so many thinking tokens, with the last probe before that.",
    "probe_fraction": "Stop after this share of the thinking, with the last probe before that.",
}
"""Policy -> what its parameter means."""
FRACTIONS = tuple(round(0.1 * i, 1) for i in range(1, 11))
COUNTS = (1, 2, 3, 4, 5, 6, 8, 10)
"""Parameters of the policies that count answers."""
FIRST_BUDGET = 128
PROBE_SLACK = 0.005
"""A probe "at 10 %" stands at a whole token: so far behind its share it still counts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on the way: ``position`` is a share of the thinking."""

    position: float
    right: bool
    group: Hashable = None
    """Equal answers of one trace have equal groups; None never equals another."""


@dataclass(frozen=True, slots=True)
class Track:
    """One trace: thinking tokens, verdict, and the answers in order of position."""

    question: str
    tokens: float
    correct: bool
    answers: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class Tracks:
    """Tracks as arrays; the answers of track i are ``starts[i]`` to ``starts[i + 1]``."""

    tokens: Floats
    correct: Bools
    question: Ints
    starts: Ints
    owner: Ints
    position: Floats
    right: Bools
    run: Ints
    """How many answers in a row, ending here, are equal; 0 for an answer that equals none."""

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True, slots=True)
class Point:
    """A policy at a parameter. ``parameter`` is None for 'full'."""

    policy: str
    parameter: float | None
    n_traces: int
    accuracy: Interval
    mean_tokens: float | None
    saved_share: float | None
    """1 - tokens used / tokens of thinking to the end."""


def make_tracks(tracks: Sequence[Track]) -> Tracks:
    """Arrays from tracks; positions are clipped to 0..1."""
    names: dict[str, int] = {}
    answers = [answer for track in tracks for answer in track.answers]
    counts = [len(track.answers) for track in tracks]
    return Tracks(
        tokens=np.array([t.tokens for t in tracks], dtype=np.float64),
        correct=np.array([t.correct for t in tracks], dtype=np.bool_),
        question=np.array(
            [names.setdefault(t.question, len(names)) for t in tracks], dtype=np.int64
        ),
        starts=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        owner=np.repeat(np.arange(len(tracks), dtype=np.int64), counts),
        position=np.clip(np.array([a.position for a in answers], dtype=np.float64), 0.0, 1.0),
        right=np.array([a.right for a in answers], dtype=np.bool_),
        run=np.array(_runs(tracks), dtype=np.int64),
    )


def _runs(tracks: Iterable[Track]) -> list[int]:
    found = []
    for track in tracks:
        before: Hashable = None
        run = 0
        for answer in track.answers:
            same = answer.group is not None and answer.group == before
            run = run + 1 if same else int(answer.group is not None)
            before = answer.group
            found.append(run)
    return found


def full(tracks: Tracks) -> Point:
    """Thinking to the end."""
    return _point("full", None, tracks, tracks.correct, tracks.tokens)


def at_candidate(tracks: Tracks, n: int, policy: str = "candidate") -> Point:
    """Stop at the n-th answer (n from 1)."""
    place = tracks.starts[:-1] + n - 1
    return _stopped(policy, n, tracks, np.where(place < tracks.starts[1:], place, -1))


def after_equal(tracks: Tracks, k: int, policy: str = "equal_candidates") -> Point:
    """Stop at the first answer that is the k-th equal one in a row (k from 1)."""
    met = np.flatnonzero(tracks.run >= k)
    place = np.full(len(tracks), -1, dtype=np.int64)
    owners, first = np.unique(tracks.owner[met], return_index=True)
    place[owners] = met[first]
    return _stopped(policy, k, tracks, place)


def at_fraction(
    tracks: Tracks, fraction: float, policy: str = "fraction", slack: float = 0.0
) -> Point:
    """Stop after a share of each trace's thinking; 1 is the end."""
    return _cut(policy, fraction, tracks, np.full(len(tracks), fraction), slack)


def at_tokens(tracks: Tracks, budget: float, policy: str = "tokens") -> Point:
    """Stop after so many thinking tokens; shorter traces end by themselves."""
    shares = np.divide(
        budget, tracks.tokens, out=np.ones_like(tracks.tokens), where=tracks.tokens > budget
    )
    return _cut(policy, budget, tracks, shares)


def curves(tracks: Tracks, *, probes: bool = False) -> list[Point]:
    """Every policy over its parameters; ``probes`` says what the answers of the tracks are."""
    if len(tracks) == 0:
        return []
    most = float(tracks.tokens.max())
    budgets = []
    budget = float(FIRST_BUDGET)
    while budget < most:
        budgets.append(budget)
        budget *= 2
    budgets.append(budget)
    longest = int(np.diff(tracks.starts).max(initial=0))
    counts = [n for n in COUNTS if n <= longest]
    if probes:
        return [
            *(after_equal(tracks, k, "probe_equal") for k in counts),
            *(at_tokens(tracks, b, "probe_tokens") for b in budgets),
            *(at_fraction(tracks, f, "probe_fraction", PROBE_SLACK) for f in (0.0, *FRACTIONS)),
        ]
    return [
        full(tracks),
        *(at_candidate(tracks, n) for n in counts),
        *(after_equal(tracks, k) for k in counts if k > 1),
        *(at_tokens(tracks, b) for b in budgets),
        *(at_fraction(tracks, f) for f in FRACTIONS),
    ]


def _stopped(policy: str, parameter: float, tracks: Tracks, place: Ints) -> Point:
    """Stop at the answer ``place[i]`` of track i; -1 thinks to the end."""
    stops = place >= 0
    right, tokens = tracks.correct.copy(), tracks.tokens.copy()
    right[stops] = tracks.right[place[stops]]
    tokens[stops] *= tracks.position[place[stops]]
    return _point(policy, parameter, tracks, right, tokens)


def _cut(
    policy: str, parameter: float, tracks: Tracks, shares: Floats, slack: float = 0.0
) -> Point:
    """Stop track i after ``shares[i]`` of its thinking, with the last answer by then."""
    # Two apart, so that the end of one track never equals the beginning of the next.
    keys = 2.0 * tracks.owner + tracks.position
    asked = 2.0 * np.arange(len(tracks)) + shares
    last = np.searchsorted(keys, asked + slack + 1e-9, side="right") - 1
    stood = last >= tracks.starts[:-1]
    right = np.zeros(len(tracks), dtype=np.bool_)
    right[stood] = tracks.right[last[stood]]
    over = shares >= 1.0
    right[over] = tracks.correct[over]
    return _point(policy, parameter, tracks, right, tracks.tokens * np.minimum(shares, 1.0))


def _point(
    policy: str, parameter: float | None, tracks: Tracks, right: Bools, tokens: Floats
) -> Point:
    n = len(tracks)
    if n == 0:
        return Point(policy, parameter, 0, Interval(None), None, None)
    below: Floats = np.bincount(tracks.question).astype(np.float64)
    top: Floats = np.zeros(len(below))
    np.add.at(top, tracks.question, right)
    whole, used = float(tracks.tokens.sum()), float(tokens.sum())
    saved = 1 - used / whole if whole > 0 else None
    return Point(policy, parameter, n, bootstrap_ratio(top, below), used / n, saved)
