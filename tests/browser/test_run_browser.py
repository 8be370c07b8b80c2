"""A run of the tiny model in a real Chromium: text and findings appear, it ends, Compare opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from analysis.engines.plans import Plan
from analysis.engines.presets import load_presets
from analysis.engines.protocol import Sampling
from analysis.engines.questions import typed_questions
from analysis.engines.runs import execute
from analysis.engines.tiny_numpy import tiny_engine
from analysis.runner import analyze
from analysis.store import open_store
from tests.browser.conftest import App, serve

pytestmark = pytest.mark.browser


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    open_store(tmp_path / "run.duckdb").close()
    yield from serve(tmp_path / "run.duckdb")


@pytest.fixture
def probed(tmp_path: Path) -> Iterator[App]:
    """The app on one trace of the tiny model with probes and log-probabilities."""
    with open_store(tmp_path / "probed.duckdb") as store:
        asked = typed_questions(["What is 68+57?"])
        hot = Sampling(temperature=1.0, max_tokens=300)
        plan = Plan(
            tuple(asked), load_presets()["tiny"], efforts=("high",), sampling=hot,
            probes="every10", logprobs=True,
        )  # fmt: skip
        execute(store, tiny_engine(), plan)
        analyze(store, workers=0)
    yield from serve(tmp_path / "probed.duckdb")


def test_a_run_is_watched_and_compared(page: Page, app: App) -> None:
    page.goto(f"{app.url}/run")
    expect(page.get_by_text("only adds numbers. It is there")).to_be_visible()
    page.get_by_label("How many").fill("2")
    page.get_by_label("Samples of each").fill("8")
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Strategies").click()
    page.keyboard.type("Majority")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Estimate: 16 requests")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    stream = page.locator(".stream").first
    expect(stream.locator(".asked")).to_have_text(re.compile(r"What is \d+\+\d+\?"))
    expect(page.locator(".stream .text .m").first).to_be_visible()
    expect(page.locator(".stream .found .count").first).to_have_text(re.compile(r"\w+ \d+"))
    expect(page.get_by_text(re.compile(r"of 16 traces, .* tokens/s"))).to_be_visible()
    expect(page.get_by_text("16 new traces")).to_be_visible(timeout=180_000)
    expect(page.get_by_text("medium + majority of 8")).to_be_visible()
    page.get_by_role("link", name=re.compile("Compare: What is")).first.click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"What is \d+\+\d+\?")).filter(visible=True).first
    ).to_be_visible()
    assert page.problems == []  # type: ignore[attr-defined]


def test_probes_and_doubts_are_read(page: Page, probed: App) -> None:
    page.goto(f"{probed.url}/reader?external_id=q1/high/0")
    row = page.locator(".probes canvas")
    expect(row).to_be_visible()
    expect(page.locator(".legend .probe-key")).to_be_visible()
    row.press("ArrowRight")
    expect(page.locator(".probes .told")).to_have_text(
        re.compile(r"Cut at 0 %: \S+, .*probability 0\.\d\d")
    )
    row.press("ArrowRight")
    expect(page.locator(".probes .told")).to_have_text(re.compile(r"Cut at (?!0 )\d+ %"))
    chip = page.get_by_role("button", name=re.compile("Token uncertainty"))
    expect(chip).to_have_attribute("aria-pressed", "false")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".legend .unsure-key")).to_be_visible()
    painted = "['unsure-1', 'unsure-2', 'unsure-3'].reduce((n, k) => n + CSS.highlights.get(`cot-${k}`).size, 0)"
    assert page.evaluate(painted) == int(chip.locator(".count").inner_text())
    expect(page).to_have_url(re.compile("token_uncertainty"))
    page.reload()
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    assert page.evaluate(painted) == 0
    assert page.problems == []  # type: ignore[attr-defined]
