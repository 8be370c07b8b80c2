"""How long work tells what it has done, how fast it goes and when it will end."""

from __future__ import annotations

import pytest

from analysis.progress import Pace, Progress, duration


@pytest.mark.parametrize(
    ("moment", "amount"),
    [
        (Progress("x", 1_500_000, 80_000_000, "bytes"), "1.5 MB of 80.0 MB"),
        (Progress("x", 1_500_000, None, "bytes"), "1.5 MB"),
        (Progress("x", 1_000, 2_000, "traces"), "1,000 of 2,000 traces"),
        (Progress("x", 7, None, "traces"), "7 traces"),
    ],
)
def test_amounts(moment: Progress, amount: str) -> None:
    assert moment.amount == amount


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59, "59 s"), (90, "2 min"), (3_599, "1 h 0 min"), (7_500, "2 h 5 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_the_rate_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    total = 1_000_000_000

    def at(done: int) -> Progress:
        return Progress("Importing", done, total, "bytes")

    pace.see(at(0), 0.0)
    assert pace.words(at(0)) == ""
    for second in range(1, 11):
        pace.see(at(second * 10_000_000), float(second))
    assert pace.words(at(100_000_000)) == "10.0 MB/s, 2 min left"
    for second in range(11, 60):  # then twice as fast
        pace.see(at(100_000_000 + (second - 10) * 20_000_000), float(second))
    done = 100_000_000 + 49 * 20_000_000
    assert pace.words(Progress("Importing", done, 2 * done, "bytes")) == "20.0 MB/s, 54 s left"
    assert pace.words(at(total)) == "20.0 MB/s"


def test_another_stage_or_a_resumed_one_starts_anew() -> None:
    pace = Pace()
    pace.see(Progress("Reading", 0, 100, "traces"), 0.0)
    pace.see(Progress("Reading", 50, 100, "traces"), 5.0)
    assert pace.words(Progress("Reading", 50, 100, "traces")) == "10/s, 5 s left"
    pace.see(Progress("Importing", 10, 100, "traces"), 6.0)
    assert pace.words(Progress("Importing", 10, 100, "traces")) == ""
    pace.see(Progress("Importing", 30, 100, "traces"), 8.0)
    assert pace.words(Progress("Importing", 30, None, "traces")) == "10/s"
    pace.see(Progress("Importing", 5, 100, "traces"), 9.0)
    assert pace.words(Progress("Importing", 5, 100, "traces")) == ""
