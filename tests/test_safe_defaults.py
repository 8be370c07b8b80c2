"""The settings that CoTScope ships with: loopback, no telemetry, no way out for data."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import duckdb
import pytest

from analysis import limits, serving
from analysis.errors import UsageError
from analysis.store import open_store

EXPECTED = {
    "server.address": "127.0.0.1",
    "server.allowedHosts": ["localhost", "127.0.0.1"],
    "server.maxUploadSize": 200,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.xsrfCookieSameSite": "strict",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
}


def _config(root: Path) -> dict[str, object]:
    tables = tomllib.loads((root / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    tables.pop("theme")  # looks only
    return {f"{t}.{k}": v for t, values in tables.items() for k, v in values.items()}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_config_file_has_the_safe_value(root: Path, name: str) -> None:
    assert _config(root)[name] == EXPECTED[name]


def test_the_command_passes_what_the_config_file_says(root: Path) -> None:
    config = _config(root)
    passed: dict[str, list[str]] = {}
    for argument in serving.command()[5:]:
        name, value = argument.removeprefix("--").split("=", 1)
        passed.setdefault(name, []).append(value)
    for name in config:
        value = config[name]
        wanted = value if isinstance(value, list) else [value]
        assert passed[name] == [str(v).lower() if isinstance(v, bool) else str(v) for v in wanted]


def test_streamlit_accepts_every_setting(root: Path) -> None:
    from streamlit import config

    known = {option.key for option in config._config_options_template.values()}
    assert set(_config(root)) <= known
    assert set(serving.SETTINGS) <= known


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_a_host_that_others_reach_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="will not listen"):
        serving.command(host=host)


def test_upload_limit_is_one_number() -> None:
    assert serving.SETTINGS["server.maxUploadSize"] == limits.MAX_UPLOAD_MB


FORBIDDEN = re.compile(
    r"unsafe_allow_html|unsafe_allow_javascript|components\.v1|\bst\.html\(|\.ImageColumn|st\.image\(|st\.table\("
)


def test_no_page_has_a_way_to_render_trace_text_as_html(root: Path) -> None:
    sources = [root / "app.py", *root.glob("pages/*.py"), *root.glob("analysis/**/*.py")]
    assert len(sources) > 20
    for path in sources:
        found = FORBIDDEN.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path}: {found.group() if found else ''}"


MARKDOWN_SINKS = {
    "markdown", "write", "title", "header", "subheader", "caption", "metric", "error", "warning",
    "info", "success", "toast", "button", "page_link", "expander", "checkbox", "toggle",
}  # fmt: skip
SAFE_CALLS = {"plain", "_plural", "len", "round", "int", "float", "t", "tn"}
# What t() and tn() are given is looked at in test_interface_languages.py.


def _unsafe_names(node: ast.expr) -> list[str]:
    """Names in an f-string whose value is neither a number format nor passed through plain()."""
    found = []
    for part in ast.walk(node):
        if isinstance(part, ast.FormattedValue):
            spec = part.format_spec
            numeric = spec is not None and any(
                isinstance(v, ast.Constant) and re.search(r"[,dfg%]", str(v.value))
                for v in getattr(spec, "values", [])
            )
            call = part.value
            safe = isinstance(call, ast.Call) and getattr(call.func, "id", "") in SAFE_CALLS
            if not numeric and not safe and not isinstance(call, ast.Constant):
                found.append(ast.unparse(call))
    return found


# Values that our own code makes from constants, looked at one by one.
ALLOWED: set[str] = {
    "error.code", "icon", "state", "quarantined", "traces", "probed", "asked", "told", "cells",
}  # fmt: skip


def test_markdown_places_get_only_escaped_data(root: Path) -> None:
    problems = []
    for path in [*root.glob("pages/*.py"), *root.glob("analysis/ui/*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            if call.func.attr not in MARKDOWN_SINKS:
                continue
            for argument in [*call.args[:1], *(k.value for k in call.keywords if k.arg == "label")]:
                bad = [n for n in _unsafe_names(argument) if n not in ALLOWED]
                if bad:
                    problems.append(f"{path.name}:{call.lineno} {call.func.attr}({', '.join(bad)})")
    assert not problems


@pytest.fixture
def locked(tmp_path: Path):
    with open_store(tmp_path / "x.duckdb") as store:
        yield store


SECRET = "top secret"
SECRET_FRAME: object = None

ATTACKS = [
    "COPY (SELECT 1) TO '{dir}/out.csv'",
    "COPY trace TO '{dir}/out.parquet' (FORMAT parquet)",
    "EXPORT DATABASE '{dir}/dump'",
    "SELECT * FROM read_text('{dir}/secret.txt')",
    "SELECT * FROM read_csv('{dir}/secret.txt')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM glob('{dir}/*')",
    "SELECT * FROM '{dir}/secret.csv'",
    "SELECT * FROM 'http://127.0.0.1:9/x.parquet'",
    "ATTACH '{dir}/other.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CREATE PERSISTENT SECRET s (TYPE s3)",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET memory_limit = '100GB'",
    "PRAGMA enable_profiling",
    "SELECT * FROM SECRET_FRAME",
]


@pytest.mark.parametrize("statement", ATTACKS)
def test_the_store_refuses_what_leaves_it(locked, tmp_path: Path, statement: str) -> None:
    import pandas as pd

    global SECRET_FRAME
    SECRET_FRAME = pd.DataFrame({"x": [SECRET]})  # DuckDB could find it by name
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "secret.csv").write_text(SECRET)
    before = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(Exception) as caught:
        rows = locked.rows(statement.format(dir=tmp_path))
        assert SECRET not in str(rows)
    assert not isinstance(caught.value, AssertionError)
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_settings_of_the_store_are_in_force(locked) -> None:
    def setting(name: str) -> str:
        return str(locked.scalar("SELECT current_setting($n)", {"n": name})).lower()

    assert setting("enable_external_access") == "false"
    assert setting("lock_configuration") == "true"
    assert setting("python_enable_replacements") == "false"
    assert setting("autoinstall_known_extensions") == "false"
    assert setting("autoload_known_extensions") == "false"
    assert setting("allow_community_extensions") == "false"
    assert int(setting("max_execution_time")) == limits.STORE_QUERY_SECONDS * 1000


def test_duckdb_is_the_version_that_the_lock_was_tested_with() -> None:
    assert int(duckdb.__version__.split(".")[0]) >= 2


def test_nothing_runs_code_from_data(root: Path) -> None:
    for path in root.glob("analysis/**/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {a.name.split(".")[0] for a in node.names}
                if isinstance(node, ast.ImportFrom):
                    names.add((node.module or "").split(".")[0])
                assert not names & {"pickle", "joblib", "shelve", "marshal", "dill"}, path
            if isinstance(node, ast.Call):
                assert getattr(node.func, "id", "") not in {"eval", "exec"}, path
