"""The Run page: estimates, a run of the tiny model from the page into the store, refusals, resumes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from analysis.engines.choosing import Strategy
from analysis.engines.plans import Plan
from analysis.engines.presets import GENERIC, load_presets
from analysis.engines.protocol import Sampling
from analysis.engines.questions import Question, typed_questions
from analysis.engines.runs import execute
from analysis.engines.strategy_notes import note
from analysis.engines.tiny_numpy import tiny_engine
from analysis.errors import InputError, UsageError
from analysis.progress import CancelToken
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.ui import run_choose, run_job, state
from analysis.ui.jobs import get_jobs
from analysis.ui.run_estimate import estimate
from analysis.ui.run_form import numbers
from analysis.ui.run_marks import Marked
from analysis.ui.run_questions import read_upload, sums
from analysis.views import runs as view

TINY = load_presets()["tiny"]
HOSTILE = "![x](http://127.0.0.1:9/b) <img src=x onerror=alert(1)> :red[r]"


@pytest.fixture
def page(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "run.duckdb"))
    for module in (run_job, run_choose):
        monkeypatch.setattr(module, "analyze", partial(analyze, workers=0))
    app = AppTest.from_file(str(root / "app.py"), default_timeout=60)
    app.switch_page("pages/run.py").run()
    assert not app.exception
    yield app
    state._open.clear()
    get_jobs.clear()


def texts(app: AppTest) -> str:
    shown = (*app.text, *app.caption, *app.markdown, *app.info)
    return "\n".join(str(one.value) for one in shown)


def wait_for_the_end(app: AppTest) -> AppTest:
    job = get_jobs().latest
    assert job is not None and job.done.wait(120)
    return app.run()


def typed(app: AppTest, text: str) -> AppTest:
    app.segmented_control(key="run_from_True").set_value("Type or paste").run()
    app.text_area(key="run_typed").input(text).run()
    return app


def test_two_questions_at_two_efforts(page: AppTest, tmp_path: Path) -> None:
    assert "only adds numbers" in texts(page)
    typed(page, f"What is 12+34?\n\n{HOSTILE}")
    page.multiselect(key="run_efforts_tiny").set_value(["low", "high"]).run()
    page.number_input(key="run_max_tokens").set_value(120).run()
    assert "Estimate: 4 requests, about 350 tokens (as a sum takes), at most 480 tokens." in texts(
        page
    )
    page.button(key="run_start").click().run()
    wait_for_the_end(page)
    assert not page.exception
    assert "4 new traces" in texts(page)
    assert "![x](" not in "\n".join(m.value for m in page.markdown)
    (table,) = [d.value for d in page.dataframe]
    assert sorted(table["effort"]) == ["high", "high", "low", "low"]
    assert all(link.startswith("/compare?view=Side+by+side&question=") for link in table["compare"])
    page.button(key="run_dismiss").click().run()
    assert "4 new traces" not in texts(page)
    state._open.clear()
    with open_store(tmp_path / "run.duckdb") as store:
        rows = store.rows(
            "SELECT question, effort, effort_source, model, error FROM trace ORDER BY question, effort"
        )
        assert [r[1] for r in rows] == ["high", "low"] * 2
        assert {r[0] for r in rows} == {"What is 12+34?", HOSTILE}
        assert {r[2:] for r in rows} == {("run", "cotscope/tiny-reasoner", None)}
        assert store.scalar("SELECT count(*) FROM metric") > 0, "they were analysed"


def test_a_wrong_address_is_refused(page: AppTest) -> None:
    page.segmented_control(key="run_engine").set_value("openai").run()
    assert page.button(key="run_start").disabled
    for url in ("file:///etc/passwd", "http://169.254.169.254/v1", "http://u:p@127.0.0.1/v1", "x"):
        page.text_input(key="run_url").input(url).run()
        assert "Error E104" in texts(page), url
        assert page.button(key="run_start").disabled
    page.text_area(key="run_typed").input("Why?").run()
    page.text_input(key="run_url").input("http://127.0.0.1:9/v1").run()
    assert page.text_area(key="run_typed").value == "Why?"
    assert not page.button(key="run_start").disabled
    assert "Error E104" not in texts(page)
    assert not page.exception


def test_keys_are_names_and_servers_that_are_not_there_are_told(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUN_PAGE_KEY", "sk-very-secret")
    page.segmented_control(key="run_engine").set_value("openai").run()
    page.text_input(key="run_url").input("http://127.0.0.1:9/v1").run()
    page.text_area(key="run_typed").input("Why?").run()
    page.text_input(key="run_key").input("sk-typed-by-mistake").run()
    page.button(key="run_start").click().run()
    assert "NAME of an environment variable" in texts(page)
    assert "sk-typed" not in texts(page)
    page.text_input(key="run_key").input("RUN_PAGE_KEY").run()
    page.button(key="run_start").click().run()
    wait_for_the_end(page)
    assert "Error E102" in texts(page)
    assert "secret" not in texts(page)
    assert not list(tmp_path.glob("*.runs/*"))


def test_bad_budgets_are_told(page: AppTest) -> None:
    page.text_input(key="run_budgets").input("many").run()
    assert "Budgets are whole numbers" in texts(page)
    assert page.button(key="run_start").disabled


def test_an_unfinished_run_goes_on(page: AppTest, tmp_path: Path) -> None:
    stop = CancelToken()
    plan = Plan(
        sums(3, 2, 5), TINY, efforts=("low", "none"), budgets=(None, 7), fewest=2, samples=2,
        sampling=Sampling(max_tokens=30),
    )  # fmt: skip

    def after(moment: object) -> None:
        if getattr(moment, "done", 0) >= 2:
            stop.cancel()

    store = state.get_store()
    wanted = [Strategy("majority")]
    report = execute(
        store, tiny_engine(), plan, began=lambda f: note(f, wanted), progress=after, cancel=stop
    )
    if not report.missing:
        pytest.skip("the run was too quick to be stopped")
    (run,) = view.unfinished(store)
    assert replace(run.plan, sampling=plan.sampling) == plan
    assert (run.total, run.done) == (24, report.done)
    page.run()
    assert f"{report.done} of 24 traces" in texts(page)
    assert "Strategies still to do: Majority vote" in texts(page)
    page.button(key=f"run_resume_{run.run_id}").click().run()
    wait_for_the_end(page)
    assert view.unfinished(state.get_store()) == []
    assert f"{24 - report.done} new traces" in texts(page)
    assert "**Majority vote** 12 traces" in texts(page)


def test_choosing_among_stored_samples(page: AppTest, tmp_path: Path) -> None:
    rows = [
        {"question": "What is 3+4?", "model": HOSTILE, "effort": "low", "reasoning": "Hm.", "answer": a}
        for a in ("7", "8", "7")
    ]  # fmt: skip
    dump = tmp_path / "dump.jsonl"
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows))
    store = state.get_store()
    import_file(store, dump)
    page.segmented_control(key="run_what").set_value("choose").run()
    assert "3 traces fit." in texts(page)
    page.multiselect(key="choose_strategies").set_value(["majority", "best"]).run()
    page.selectbox(key="choose_scorer_False").set_value("metric").run()
    page.button(key="choose_start").click().run()
    assert "metric" in texts(page), "nothing was measured yet"
    page.selectbox(key="choose_scorer_False").set_value("score").run()
    page.button(key="choose_start").click().run()
    wait_for_the_end(page)
    assert not page.exception
    assert "**Majority vote** 1 trace" in texts(page) and "majority of 3" in texts(page)
    assert "1 have nothing that this strategy chooses by" in texts(page)
    assert "![x](" not in "\n".join(m.value for m in page.markdown)
    assert store.scalar("SELECT answer FROM trace WHERE effort = 'low + majority of 3'") == "7"
    assert store.scalar("SELECT count(*) FROM analysis") > 0, "they were analysed"
    page.button(key="choose_dismiss").click().run()
    assert "Majority vote** 1" not in texts(page)


def test_estimates() -> None:
    asked = tuple(typed_questions(["a", "b", "c"]))
    plan = Plan(asked, TINY, efforts=("low", "high"), samples=2, probes="every10")
    found = estimate(plan, [view.Usual("low", None, 9, 40.0), view.Usual("high", None, 9, 60.5)])
    assert (found.traces, found.probes, found.tokens, found.most) == (12, 120, 603, 12 * 640)
    capped = Plan(asked, GENERIC, efforts=("low",), sampling=Sampling(max_tokens=30))
    assert estimate(capped, [view.Usual("low", None, 1, 900.0)]).tokens == 90
    unknown = estimate(Plan(asked, GENERIC, probes="thoughts"), [])
    assert (unknown.tokens, unknown.most, unknown.probes) == (None, None, None)
    assert "without a limit" in unknown.words
    budget = estimate(Plan(asked, GENERIC, budgets=(256,)), [])
    assert budget.tokens == 3 * 356
    rounds = found.with_rounds(24)
    assert (rounds.rounds, rounds.tokens, rounds.most) == (24, 3 * 603, 3 * 12 * 640)
    assert unknown.with_rounds(5).most is None


def test_sums_and_numbers() -> None:
    made = sums(500, 2, 1)
    assert len({q.text for q in made}) == 500 and made == sums(500, 2, 1) != sums(500, 2, 2)
    assert all(eval(q.id) == int(q.gold or "") for q in made[:50])  # noqa: S307 - our own sums
    assert len(sums(500, 1, 0)) == 81
    assert numbers(" 256, 1024,256,") == [256, 1024]
    for bad in ("1.5", "-3", "²", "1e3", "9" * 12):
        with pytest.raises(UsageError):
            numbers(bad)


def test_uploads() -> None:
    lines = b'{"problem": "2+2?", "answer": "4"}\n\n{"question": "Why?", "id": "w"}\n'
    first, second = read_upload("../../etc/My set.JSONL", lines)
    assert (first.text, first.gold, first.dataset) == ("2+2?", "4", "My set")
    assert (second.text, second.gold, second.id) == ("Why?", None, "w")
    assert [q.text for q in read_upload("a.txt", "\ufeffOne?\r\n\r\nTwo?".encode())] == [
        "One?",
        "Two?",
    ]
    with pytest.raises(UsageError):
        read_upload("a.exe", b"MZ")
    for name, bad in (("a.txt", b"\xff\xfe"), ("a.txt", b" \n"), ("a.jsonl", b'{"x": 1}\n')):
        with pytest.raises(InputError, match=rf"^{name}[ ,]"):
            read_upload(name, bad)


def test_questions_of_a_data_set(tmp_path: Path) -> None:
    rows = [
        {
            "question": f"What is {n % 3}+1?",
            "reasoning": "Well.",
            "answer": "1",
            "gold": str(n % 3 + 1),
        }
        for n in range(9)
    ]
    dump = tmp_path / "kept.jsonl"
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with open_store(tmp_path / "q.duckdb") as store:
        import_file(store, dump)
        found = view.questions_of(store, "kept", 10)
        assert [(q.text, q.gold) for q in found] == [
            (f"What is {n}+1?", str(n + 1)) for n in range(3)
        ]
        assert found[:2] == view.questions_of(store, "kept", 2)
        assert view.questions_of(store, "other", 2) == ()


THOUGHT = (
    "So the answer is 12.\n\nI made a mistake, so let me go back and try another approach.\n\n"
    "Let me check this again: 5 + 7 = 12.\n\n"
)


def test_marks_of_a_growing_text() -> None:
    marked = Marked()
    text = THOUGHT * 150
    for step, end in enumerate(range(0, len(text), 997)):
        marked.see(text[:end], step * 1.0)
        assert "".join(piece for piece, _ in marked.pieces) == text[marked.settled : end]
    marked.see(text, 1e6)
    assert marked.settled > 10_000 and len(text) - marked.settled <= 8_000
    assert 148 <= marked.counts["candidate_answer"] <= 304
    assert 148 <= marked.counts["backtracking"] <= 154
    before = marked.counts
    marked.see(text + "More.", 1e6 + 0.1)
    assert marked.pieces[-1] == ("More.", "") and marked.counts == before
    marked.see("Anew.", 2e6)
    assert (marked.settled, marked.pieces) == (0, [("Anew.", "")])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.floats(0, 2)), max_size=12))
def test_marks_lose_no_character(steps: list[tuple[str, float]]) -> None:
    marked, text, now = Marked(), "", 0.0
    for more, seconds in steps:
        text, now = text + more, now + seconds
        marked.see(text, now)
        assert "".join(piece for piece, _ in marked.pieces) == text[marked.settled :]


def test_a_run_that_cannot_be_read_is_not_listed(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.duckdb") as store:
        folder = tmp_path / "a.duckdb.runs"
        for name, content in (
            ("abc-1", "{"), ("abd-1", "[]"), ("abe-1", '{"engine": "tiny"}'), ("x", "{}"), ("abf-1", "null"),
        ):  # fmt: skip
            (folder / name).mkdir(parents=True)
            (folder / name / "run.json").write_text(content)
        assert view.unfinished(store) == []
        asked = (Question("What is 1+1?", "a"),)
        execute(store, tiny_engine(), Plan(asked, TINY, sampling=Sampling(max_tokens=10)))
        assert view.unfinished(store) == []
