"""Recipes: which traces they choose, what they write, and that it reads back as the same traces."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cli import main
from analysis.curation import Recipe, manifest_path, plan, write
from analysis.curation.likeness import Clusters, Listed, likeness, sketch
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.store.rows import TRACE_SCHEMA
from analysis.store.verdicts import settle

LONG = "First I add the two numbers. Then I look at the sum again, since it may be wrong. "
CAT = "How many cats fit in a box of three by four by five, if each of the cats needs one unit?"
ROWS: list[dict[str, Any]] = [
    {"id": "a1", "question": "What is 2 + 3?", "reasoning": "2 + 3 is 5.", "answer": "5", "correct": True},
    {"id": "a2", "question": "What is 2 + 3?", "reasoning": LONG + "So it is 5.", "answer": "5", "correct": True},
    {"id": "a3", "question": "what is  2 + 3?", "reasoning": LONG + "So it is 6, I think.", "answer": "6", "correct": False},
    {"id": "b1", "question": "Wie viel ist 7 - 4?", "reasoning": "Das ist 3.", "answer": "3", "correct": True,
     "system_prompt": "Sei knapp."},
    {"id": "b2", "question": "Wie viel ist 7 - 4?", "reasoning": "Das ist 4, weil 7 - 3 = 4.", "answer": "4", "correct": False},
    {"id": "c1", "question": CAT, "reasoning": "A box holds 60 units, so 60 cats. " * 12, "answer": "60", "correct": True},
    {"id": "c2", "question": CAT.replace("cats", "dogs"), "reasoning": "3 * 4 * 5 = 60.", "answer": "60", "correct": None},
    {"id": "d1", "question": "No thoughts?", "answer": "None.", "correct": True},
    {"id": "d2", "question": "Is <think> a mark?", "reasoning": "It is one.", "answer": "Yes", "correct": True},
    {"id": "d3", "question": "Cut?", "reasoning": "I was going to", "answer": "So", "correct": True, "finish_reason": "length"},
]  # fmt: skip
PLACE = {"trace_id", "file_id", "member", "line_no", "record_index", "part_index"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("curation")
    file = folder / "mine.jsonl"
    file.write_text("".join(json.dumps({**r, "model": "m"}) + "\n" for r in ROWS), encoding="utf-8")
    with open_store(folder / "a.duckdb") as opened:
        import_file(opened, file)
        analyze(opened, workers=0)
        yield opened


@pytest.fixture
def ids(store: Store) -> Callable[[Recipe], list[Any]]:
    """What a recipe chooses, by the records' own ids; pairs as (chosen, rejected)."""
    names = dict(store.rows("SELECT trace_id, external_id FROM trace"))

    def chosen(recipe: Recipe) -> list[Any]:
        rows = plan(store, recipe).sample
        if recipe.form == "pairs":
            return [(names[r["trace_id"]], names[r["rejected"]]) for r in rows]
        return [names[r["trace_id"]] for r in rows]

    return chosen


USABLE = ["a1", "a2", "a3", "b1", "b2", "c1", "c2", "d2"]
TABLE: list[tuple[dict[str, Any], list[Any]]] = [
    ({}, USABLE),
    ({"complete_only": False}, [*USABLE, "d3"]),
    ({"verdict": "right"}, ["a1", "a2", "b1", "c1", "d2"]),
    ({"verdict": "wrong"}, ["a3", "b2"]),
    ({"verdict": "right", "per_question": "shortest"}, ["a1", "b1", "c1", "d2"]),
    ({"verdict": "right", "per_question": "longest"}, ["a2", "b1", "c1", "d2"]),
    ({"per_question": "shortest", "samples": 2}, ["a1", "a2", "b1", "b2", "c1", "c2", "d2"]),
    ({"no_loop": True}, [i for i in USABLE if i != "c1"]),
    ({"max_repetition": 0.5}, [i for i in USABLE if i != "c1"]),
    ({"max_tokens": 20, "verdict": "right"}, ["a1", "b1", "d2"]),
    ({"metrics": {"n_loops": (1, None)}}, ["c1"]),
    ({"filters": Filters(verdict=("wrong",))}, ["a3", "b2"]),
    ({"not_questions": ("WHAT is 2+3",)}, ["b1", "b2", "c1", "c2", "d2"]),
    ({"not_questions": ("Wie viel ist 7 4",)}, ["a1", "a2", "a3", "c1", "c2", "d2"]),
    ({"distinct_questions": 0.6}, [i for i in USABLE if i != "c2"]),
    ({"distinct_questions": 0.6, "per_cluster": 2}, USABLE),
    ({"distinct_reasonings": 0.7}, [i for i in USABLE if i != "a3"]),
    ({"distinct_reasonings": 0.7, "per_question": "longest"}, ["a3", "b2", "c1", "c2", "d2"]),
    ({"form": "pairs"}, [("a1", "a3")]),
    ({"form": "pairs", "pairs": "short over long"}, [("a1", "a2")]),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expected"), TABLE, ids=[str(a) for a, _ in TABLE])
def test_what_a_recipe_chooses(
    ids: Callable[[Recipe], list[Any]], asked: dict[str, Any], expected: list[Any]
) -> None:
    recipe = Recipe(**asked)
    assert ids(recipe) == expected
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_the_funnel_counts_what_each_step_leaves(store: Store) -> None:
    found = plan(store, Recipe(verdict="right", per_question="shortest"))
    counted = [(s.name, s.n_traces, s.n_questions, s.n_undefined) for s in found.steps]
    assert counted == [
        ("filters", 10, 7, 0),
        ("usable", 9, 6, 0),
        ("verdict", 6, 5, 1),
        ("complete_only", 5, 4, 0),
        ("per_question", 4, 4, 0),
    ]
    assert found.n_rows == 4


def test_random_is_by_its_seed(ids: Callable[[Recipe], list[Any]]) -> None:
    drawn = {s: ids(Recipe(per_question="random", seed=s)) for s in range(12)}
    assert all(len(some) == 5 for some in drawn.values())
    assert drawn[3] == ids(Recipe(per_question="random", seed=3))
    assert len({tuple(some) for some in drawn.values()}) > 3


def test_a_person_is_believed_before_the_record(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS[:2]), encoding="utf-8")
    with open_store(tmp_path / "a.duckdb") as store:
        import_file(store, file)
        right = Recipe(verdict="right")
        before = plan(store, right)
        first = before.sample[0]["trace_id"]
        settle(store, first, "wrong", annotator="ada")
        after = plan(store, right)
        assert (before.n_rows, after.n_rows) == (2, 1)
        # Nothing is analysed here: a condition on a metric holds for none, and says why.
        missing = plan(store, Recipe(no_loop=True)).steps[-1]
        assert (missing.n_traces, missing.n_undefined) == (0, 2)
        # Lengths are then those of the text.
        shortest = plan(store, Recipe(per_question="shortest"))
        assert [row["trace_id"] for row in shortest.sample] == [first]


def _texts(store: Store) -> list[tuple[Any, ...]]:
    return store.rows(
        "SELECT question, system_prompt, reasoning, answer FROM trace"
        " ORDER BY dataset, file_id, record_index, part_index"
    )


@pytest.mark.parametrize("reasoning", ["tags", "field"])
def test_messages_read_back_as_the_same_texts(store: Store, tmp_path: Path, reasoning: str) -> None:
    done = write(store, Recipe(reasoning=reasoning), tmp_path / "train.jsonl")
    kept = [n for n, row in enumerate(ROWS) if row["id"] in USABLE]
    if reasoning == "tags":
        kept.remove(8)
        assert done.left_out == {"think_marks": 1}
    lines = (tmp_path / "train.jsonl").read_text(encoding="utf-8").splitlines()
    assert [list(json.loads(line)) for line in lines] == [["messages"]] * len(kept)
    with open_store(tmp_path / "b.duckdb") as other:
        report = import_file(other, tmp_path / "train.jsonl")
        assert report.n_quarantined == 0
        expected = [_texts(store)[n] for n in kept]
        if reasoning == "tags":
            expected = [tuple(t and t.strip() for t in row) for row in expected]
        assert _texts(other) == expected


def test_the_full_record_reads_back_whole(store: Store, tmp_path: Path) -> None:
    recipe = Recipe(reasoning="field", full_record=True, filters=Filters(model=("m",)))
    write(store, recipe, tmp_path / "train.jsonl")
    columns = ", ".join(name for name in TRACE_SCHEMA.names if name not in PLACE)
    sql = f"SELECT {columns} FROM trace WHERE external_id IN (SELECT unnest($ids)) ORDER BY external_id"
    with open_store(tmp_path / "b.duckdb") as other:
        import_file(other, tmp_path / "train.jsonl")
        assert other.rows(sql, {"ids": USABLE}) == store.rows(sql, {"ids": USABLE})


def test_pairs_are_those_of_trl(store: Store, tmp_path: Path) -> None:
    write(store, Recipe(form="pairs", reasoning="field"), tmp_path / "p.jsonl")
    assert json.loads((tmp_path / "p.jsonl").read_text(encoding="utf-8")) == {
        "prompt": [{"role": "user", "content": "What is 2 + 3?"}],
        "chosen": [{"role": "assistant", "content": "5", "reasoning_content": "2 + 3 is 5."}],
        "rejected": [
            {
                "role": "assistant",
                "content": "6",
                "reasoning_content": LONG + "So it is 6, I think.",
            }
        ],
    }


def test_the_same_store_and_recipe_give_the_same_bytes(store: Store, tmp_path: Path) -> None:
    recipe = Recipe(per_question="random", seed=5, distinct_reasonings=0.6)
    made = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        done = write(store, recipe, folder / "t.jsonl")
        made.append((done.path.read_bytes(), manifest_path(done.path).read_bytes()))
    assert made[0] == made[1]
    told = json.loads(made[0][1])
    assert Recipe.from_dict(told["recipe"]) == recipe
    assert told["rows"] + told["left_out"]["think_marks"] == told["sources"][0]["n_chosen"]
    assert told["rows"] == len(made[0][0].splitlines())
    assert "Unknown" in told["licence"]


def test_a_conversation_of_more_turns_is_not_written(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"},
        {"role": "user", "content": "What is 1 + 1?"},
        {"role": "assistant", "content": "2", "reasoning_content": "One and one."},
    ]
    file = tmp_path / "chat.jsonl"
    rows = [{"messages": turns}, {"messages": turns[2:]}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with open_store(tmp_path / "a.duckdb") as store:
        import_file(store, file)
        done = write(store, Recipe(reasoning="field"), tmp_path / "t.jsonl")
    assert (done.rows, done.left_out) == (1, {"conversation": 1})


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"verdict": "good"},
        {"nonsense": 1},
        {"seed": 1.5},
        {"samples": 0},
        {"no_loop": "yes"},
        {"max_repetition": 2},
        {"metrics": {"n_loops": [3, 1]}},
        {"metrics": {"n_loops": 3}},
        {"metrics": ["n_loops"]},
        {"min_tokens": 9, "max_tokens": 8},
        {"filters": {"verdict": ["maybe"]}},
        {"not_questions": "one"},
        {"form": "pairs", "verdict": "right"},
        {"form": "pairs", "per_question": "shortest"},
        {"full_record": True},
        {"verdict": ["right"]},
        {"cotscope_recipe": 2},
    ],
)
def test_what_is_no_recipe_is_refused(value: Any) -> None:
    with pytest.raises(UsageError):
        Recipe.from_dict(value)


def test_unknown_metrics_and_endings_are_refused(store: Store, tmp_path: Path) -> None:
    for recipe in (Recipe(metrics={"x'); --": (0, 1)}), Recipe(metrics={"final_answer": (0, 1)}),
                   Recipe(behaviours={"dancing": (0, 1)})):  # fmt: skip
        with pytest.raises(UsageError):
            plan(store, recipe)
    with pytest.raises(UsageError):
        write(store, Recipe(), tmp_path / "t.csv")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_of_short_texts_is_jaccard(a: str, b: str) -> None:
    assert likeness(sketch(a), sketch(a)) == 1.0
    assert likeness(sketch(a), sketch(b)) == likeness(sketch(b), sketch(a))
    assert Clusters(1.0).add(a) == 0


def test_likeness_is_estimated_and_clusters_are_few() -> None:
    words = [f"word{n * 7919 % 1000:03d}" for n in range(1000)]
    text = " ".join(words)
    half = " ".join([*words[:500], *(f"other{n:03d}" for n in range(500))])
    assert 0.2 < likeness(sketch(text), sketch(half)) < 0.5
    assert likeness(sketch(text), sketch(text.upper().replace(" ", "\n"))) == 1.0
    clusters = Clusters(0.8)
    copies = [text.replace("word001", f"w{n}") for n in range(50)]
    assert {clusters.add(copy) for copy in copies} == {0}
    assert clusters.add(half) == 1
    assert len(sketch("ha " * 50_000)) == 3


def test_listed_questions() -> None:
    listed = Listed(
        ["2 + 2?", "Find the area of a circle with radius four.", "求方程的解是多少", " "]
    )
    assert listed.has("2+2")
    assert not listed.has("What is 2 + 2, said simply?")
    assert listed.has("Hint: find the AREA of a circle, with radius four! Show work.")
    assert not listed.has("Find the area of a circle with radius five.")
    assert listed.has("问题：求方程的解是多少？")
    assert not listed.has("求函数的解是多少")
    assert not Listed([]).has("")


def test_the_command(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(r) + "\n" for r in ROWS), "utf-8")
    with open_store(path) as made:
        import_file(made, tmp_path / "mine.jsonl")
    (tmp_path / "r.json").write_bytes(Recipe(verdict="right").to_json())
    (tmp_path / "bench.txt").write_text("Wie viel ist 7 - 4?\n", "utf-8")
    base = ["curate", "--db", str(path), "--recipe", str(tmp_path / "r.json")]
    run = CliRunner().invoke
    shown = run(main, [*base, "--preview", "--json", "--per-question", "shortest",
                       "--not-questions", str(tmp_path / "bench.txt")])  # fmt: skip
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.stdout)
    assert told["n_rows"] == 3
    assert told["recipe"]["not_questions"] == ["Wie viel ist 7 - 4?"]
    out = tmp_path / "t.jsonl"
    written = run(main, [*base, "--out", str(out)])
    assert written.exit_code == 0, written.output
    assert "4 lines written" in written.stdout
    assert len(out.read_text(encoding="utf-8").splitlines()) == 4
    assert manifest_path(out).exists()
    for wrong in (["--preview", "--out", str(out)], [], ["--preview", "--metric", "n_loops=x"],
                  ["--preview", "--where", "model=nobody"]):  # fmt: skip
        assert run(main, [*base, *wrong]).exit_code == 2
