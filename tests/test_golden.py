"""What the sample traces give, whole: a change here is a change of behaviour that has to be meant.

After a change that is meant: UPDATE_GOLDEN=1 make test PYTEST_ARGS=tests/test_golden.py, look at the
difference, and commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import expand_paths, import_file

FOLDER = Path(__file__).parent / "golden"

QUERIES = {
    "traces": """
        SELECT t.dataset, f.name, t.record_index, t.part_index, t.external_id, t.format_id,
               t.split_method, t.reasoning_kind, t.model, t.effort, t.sample_index, t.correct,
               t.truncated, t.gold_answer, length(t.reasoning), length(t.answer),
               md5(coalesce(t.reasoning, '')), md5(coalesce(t.answer, ''))
        FROM trace t JOIN file f USING (file_id) ORDER BY f.name, t.record_index, t.part_index""",
    "findings": """
        SELECT fi.name, t.record_index, t.part_index, x.label, x.char_start, x.char_end, x.value,
               x.evidence, substr(replace(t.reasoning, chr(10), ' '), x.char_start + 1, 40)
        FROM finding x JOIN trace t USING (trace_id) JOIN file fi USING (file_id)
        ORDER BY fi.name, t.record_index, t.part_index, x.char_start, x.char_end, x.label, x.analyzer""",
    "metrics": """
        SELECT fi.name, t.record_index, t.part_index, m.name,
               coalesce(m.text, printf('%.9g', m.value), '')
        FROM metric m JOIN trace t USING (trace_id) JOIN file fi USING (file_id)
        WHERE m.name <> 'zlib_ratio' -- depends on the zlib that Python was built with
        ORDER BY fi.name, t.record_index, t.part_index, m.name""",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, samples: Path):
    with open_store(tmp_path_factory.mktemp("golden") / "t.duckdb") as opened:
        for path in expand_paths([samples]):
            import_file(opened, path)
        analyze(opened, workers=0)
        yield opened


def cell(value: object) -> str:
    return "" if value is None else str(value).replace("\t", " ").replace("\n", " ")


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_the_sample_traces_give_what_they_gave(store: Store, name: str) -> None:
    rows = ["\t".join(cell(v) for v in row) for row in store.rows(QUERIES[name])]
    path = FOLDER / f"{name}.tsv"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert rows == path.read_text(encoding="utf-8").splitlines()
