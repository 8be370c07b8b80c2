"""`cotscope doctor`: is the database whole, and what can be saved of a damaged one."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow

import analysis
from analysis.errors import StoreCorruptError, StoreError
from analysis.store.connection import Store, open_store
from analysis.store.search_index import index_path, search_index

_CHECKS = {
    "traces of every file are as many as its import said": """
        SELECT count(*) FROM (
            SELECT f.file_id FROM file f LEFT JOIN trace t USING (file_id)
            GROUP BY f.file_id, f.n_traces HAVING count(t.trace_id) <> f.n_traces)""",
    "quarantined records are as many as the imports said": """
        SELECT count(*) FROM (
            SELECT f.file_id FROM file f LEFT JOIN quarantine q USING (file_id)
            GROUP BY f.file_id, f.n_quarantined HAVING count(q.file_id) <> f.n_quarantined)""",
    "every text can be unpacked": """
        SELECT count(*) FROM trace
        WHERE length(reasoning) IS DISTINCT FROM reasoning_chars
           OR length(answer) IS DISTINCT FROM answer_chars OR length(raw_response) < 0
           OR length(question) < 0 OR length(system_prompt) < 0 OR json_type(metadata) IS NULL
           OR json_type(probes) = ''""",
    "every finding lies inside its reasoning": """
        SELECT count(*) FROM finding x LEFT JOIN trace_row t USING (trace_id)
        WHERE t.trace_id IS NULL OR x.char_start < 0 OR x.char_end > t.reasoning_chars
           OR x.char_start >= x.char_end""",
    "sentences tile their reasoning": """
        SELECT count(*) FROM (
            SELECT s.trace_id FROM sentence s JOIN trace_row t USING (trace_id)
            GROUP BY s.trace_id, t.reasoning_chars
            HAVING sum(s.char_end - s.char_start) <> t.reasoning_chars
                OR min(s.char_start) <> 0 OR max(s.char_end) <> t.reasoning_chars)""",
    "every result belongs to a trace": """
        SELECT (SELECT count(*) FROM metric m ANTI JOIN trace t USING (trace_id))
             + (SELECT count(*) FROM analysis a ANTI JOIN trace t USING (trace_id))""",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What `cotscope doctor` prints."""

    database: str
    versions: dict[str, str]
    findings: tuple[Finding, ...]
    unfinished: tuple[str, ...]
    """Files whose import was cut short; the same import command goes on."""

    @property
    def healthy(self) -> bool:
        """Whether every check passed."""
        return all(f.ok for f in self.findings)


def diagnose(path: Path) -> Diagnosis:
    """Open the database read-only and check it. Never changes it, nor makes one."""
    versions = {
        "cotscope": analysis.__version__,
        "python": sys.version.split()[0],
        "duckdb": duckdb.__version__,
        "pyarrow": pyarrow.__version__,
    }
    findings: list[Finding] = []
    unfinished: tuple[str, ...] = ()
    try:
        with open_store(path, read_only=True) as store:
            findings.append(Finding("the database opens", True))
            findings.extend(_check(store, what, sql) for what, sql in _CHECKS.items())
            findings.append(_search_index(store))
            unfinished = tuple(
                row[0]
                for row in store.rows(
                    "SELECT name FROM file WHERE status = 'importing' ORDER BY name"
                )
            )
    except StoreError as error:
        findings.append(Finding("the database opens", False, error.message + _remedy(path, error)))
    return Diagnosis(str(path), versions, tuple(findings), unfinished)


def _remedy(path: Path, error: StoreError) -> str:
    if not isinstance(error, StoreCorruptError):
        return f" {error.remedy}"
    if path.with_name(path.name + ".wal").exists():
        return " Try: cotscope doctor --rescue --db FILE"
    return " Move it away and import your files again."


def rescue(path: Path) -> Path | None:
    """Set a damaged write-ahead log aside, so that the database opens at its last checkpoint.

    Both files are copied first, under a dated name beside them. Returns the copy's folder, or None
    when the database opens as it is. Raises ``StoreCorruptError`` when the main file itself is
    damaged: then only importing again helps.
    """
    try:
        open_store(path).close()
        return None
    except StoreCorruptError as error:
        log = path.with_name(path.name + ".wal")
        if not log.exists():
            raise
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        aside = path.with_name(f"{path.name}.damaged-{stamp}")
        aside.mkdir()
        shutil.copy2(path, aside / path.name)
        shutil.move(log, aside / log.name)
        try:
            open_store(path).close()
        except StoreError:
            shutil.copy2(aside / log.name, log)
            raise error from None
        return aside


def _search_index(store: Store) -> Finding:
    """The search index is a derived file: an old one is no fault, only a damaged one."""
    what = "the search index can be read"
    path = index_path(store)
    if path is None or not path.exists():
        return Finding(what, True, "there is none yet; the first search makes it")
    try:
        state = search_index(store).state()
    except StoreError as error:
        return Finding(what, False, str(error))
    behind = f"{state.n_missing:,} traces are not in it, {state.n_stale:,} are gone"
    return Finding(what, True, "" if state.current else f"{behind}; the next search updates it")


def _check(store: Store, what: str, sql: str) -> Finding:
    wrong = int(store.scalar(sql) or 0)
    return Finding(what, wrong == 0, "" if wrong == 0 else f"{wrong:,} do not")
