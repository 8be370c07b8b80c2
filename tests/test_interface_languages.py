"""The interface in other languages: complete catalogs, kept values, hostile values, every page."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

import analysis.ui.state as state
from analysis import catalogs
from analysis.analyzers.registry import label_definitions, metric_specs
from analysis.behaviours import evidence, terms
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import expand_paths, import_file
from analysis.ui import i18n
from analysis.ui.component_words import texts_of
from analysis.ui.figure_words import in_language as figure_in_language
from analysis.ui.reader import component as reader
from analysis.ui.sidebyside import component as sidebyside
from tests.test_safe_defaults import ALLOWED, MARKDOWN_SINKS, SAFE_CALLS

CODES = [code for code in i18n.LANGUAGES if code != "en"]
LOCALES = Path(i18n.__file__).with_name("locales")
HOLE = re.compile(r"(?<!\{)\{([^{}]*)\}(?!\})")


def sources(root: Path) -> list[Path]:
    found = [root / "app.py", *root.glob("pages/*.py")]
    for folder in ("ui", "desktop"):
        found += root.glob(f"analysis/{folder}/**/*.py")
    return [path for path in found if path.name != "i18n.py"]


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def marked_calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Calls of t, tn and N_ with the literal that a catalog has an entry for."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
        if name in ("t", "tn", "N_"):
            text = literal(call.args[1 if name == "tn" else 0])  # type: ignore[attr-defined]
            if text is not None:
                yield call, text  # type: ignore[misc]


def marked(root: Path) -> dict[str, str]:
    """Every text that a catalog has to have, with a file that it stands in."""
    found = {text: path.name for path in sources(root) for _, text in marked_calls(path)}
    for part, markup in ((reader, "reader.html"), (sidebyside, "sidebyside.html")):
        found |= dict.fromkeys(texts_of(part.script(), part.asset(markup)), markup)
    return found


def catalog(name: str) -> dict[str, str]:
    return dict(json.loads((LOCALES / f"{name}.json").read_text(encoding="utf-8")))


# --- catalogs --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_every_text_of_the_app_has_an_entry_and_no_entry_is_stale(root: Path, code: str) -> None:
    texts, entries = marked(root), catalog(code)
    assert len(texts) > 900
    missing = {text: where for text, where in texts.items() if not entries.get(text)}
    assert not missing
    assert not set(entries) - set(texts), "stale entries"


@pytest.mark.parametrize("code", CODES)
def test_what_is_filled_in_agrees_between_the_languages(code: str) -> None:
    for key, text in catalog(code).items():
        assert sorted(HOLE.findall(key)) == sorted(HOLE.findall(text)), key
        assert key.count("**") == text.count("**") or "**Final" in key, key
        assert re.findall(r":material/\w+:", key) == re.findall(r":material/\w+:", text), key
        assert key[:1].isspace() is False or text, key


@pytest.mark.parametrize("code", CODES)
def test_library_entries_can_be_filled(code: str) -> None:
    entries = catalog(f"{code}_library")
    assert not set(entries) & set(catalog(code)), "an entry in both files"
    for key, text in entries.items():
        if "{}" in key:
            filled = text.format(*(f"<{n}>" for n in range(key.count("{}"))))
            assert "{" not in filled or "{" in key.replace("{}", ""), key


@pytest.mark.parametrize("code", CODES)
def test_labels_and_metrics_have_names_and_definitions(code: str) -> None:
    entries = {**catalog(f"{code}_library"), **catalog(code)}
    for label, definition in label_definitions().items():
        words = label.replace("_", " ").capitalize()
        assert words in entries, label
        assert definition in entries, label
    for name, (_, spec) in metric_specs().items():
        assert spec.title in entries, name
        formula = re.fullmatch(r"1,000 x \w+ / \w+\.", spec.definition)
        assert formula or catalogs.known(code, spec.definition) != spec.definition, name
    for reason in (*evidence._MEANING.values(), *terms.FACTS.values()):
        assert reason in entries, reason


# Words of charts that are not a language: names of methods, signs, one letter.
CHART_WORDS_LEFT = re.compile(r"[^A-Za-z]*|pass@k|maj@k|[A-Za-z]")


def chart_texts(root: Path) -> Iterator[tuple[str, str]]:
    """Literals that charts hand to plotly as words: titles of axes, names, hovers."""
    for path in root.glob("analysis/charts*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            for keyword in call.keywords:
                text = literal(keyword.value)
                if keyword.arg in ("hovertemplate", "name", "title", "x", "y") and text:
                    yield path.name, text


@pytest.mark.parametrize("code", CODES)
def test_words_of_charts_have_entries(root: Path, code: str) -> None:
    missing = []
    for where, text in chart_texts(root):
        for part in re.split(r"<br>|<extra>.*", text):
            bare = re.sub(r"%\{[^}]*\}", "", part)
            if CHART_WORDS_LEFT.fullmatch(bare) or not re.search(r"[A-Za-z]{2}", bare):
                continue
            if catalogs.known(code, part) == part:
                missing.append((where, part))
    assert not missing


# --- the code --------------------------------------------------------------------------------

TEXT_ARGUMENTS = {"help", "placeholder", "alt", "label", "display_text", "what", "text"}
FIRST_IS_TEXT = MARKDOWN_SINKS | {
    "download_button", "form_submit_button", "popover", "text_input", "text_area",
    "number_input", "selectbox", "multiselect", "segmented_control", "pills", "slider",
    "file_uploader", "spinner", "tabs", "text", "TextColumn", "NumberColumn", "LinkColumn",
    "ProgressColumn", "DatetimeColumn", "CheckboxColumn", "radio",
}  # fmt: skip
LEFT_AS_THEY_ARE = {
    "CoTScope": "the name of the program",
    "recipe.json": "a file's name",
    "/path/to/gold": "an example of a path",
    "/data/traces/*.jsonl.gz": "an example of a path",
    '"hold on" label:backtracking@90-100% verdict:wrong': "an example of a search",
    "http://127.0.0.1:8000/v1": "an example of an address",
    "%s failed: %s at %s": "for the log",
    "What is 68+57?": "an example of a question for a model that reads English",
    "Qwen/Qwen3-8B": "a model's name",
    "F1": "the same in every language",
    "MB": "a unit",
}


def bare_literals(node: ast.expr) -> Iterator[str]:
    """Texts in an argument that do not go through t(): also in parts of a sum or a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(v.value for v in node.values if isinstance(v, ast.Constant))
    elif isinstance(node, ast.IfExp):
        yield from bare_literals(node.body)
        yield from bare_literals(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from bare_literals(node.left)
        yield from bare_literals(node.right)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from bare_literals(value)
    elif isinstance(node, ast.List | ast.Tuple):
        for value in node.elts:
            yield from bare_literals(value)


def untranslated(path: Path) -> Iterator[str]:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.keyword) and call.arg == "column_config":
            values = call.value.values if isinstance(call.value, ast.Dict) else []
            yield from (text for value in values for text in bare_literals(value))
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if ast.unparse(call.func) == "sys.stderr.write":  # the terminal's, which is English
            continue
        arguments = [k.value for k in call.keywords if k.arg in TEXT_ARGUMENTS]
        if call.func.attr in FIRST_IS_TEXT:
            arguments += call.args[:1]
        for argument in arguments:
            yield from bare_literals(argument)


def test_every_literal_of_a_text_place_goes_through_t(root: Path) -> None:
    problems = []
    for path in sources(root):
        for text in untranslated(path):
            words = re.sub(r":material/\w+:|:\w+-(?:badge|background)|%[.\d]*\w", "", text)
            if re.search(r"[A-Za-z]{2}", words) and text not in LEFT_AS_THEY_ARE:
                problems.append(f"{path.name}: {text!r}")
    assert not problems


def escaped(value: ast.expr, name: str, template: str) -> bool:
    """Whether a value of t() is a number by its format, went through plain(), or is ours."""
    if re.search(rf"\{{{re.escape(name)}:[^}}]*[,dfg%][^}}]*\}}", template):
        return True
    if isinstance(value, ast.Constant):
        return True
    call = getattr(value.func, "id", "") if isinstance(value, ast.Call) else ""
    return (
        call in SAFE_CALLS | {"t", "tn", "_help", "_interval"}
        or ast.unparse(value) in ALLOWED | OURS
    )


OURS: set[str] = {
    "MAX_GROUPS", "MAX_CELLS", "MIN_QUESTIONS", "PAGE_SIZE", "limits.MAX_UPLOAD_MB",
    "charts.MAX_GROUPS", "charts.MAX_CELLS", "suffix", "form", "error.code", "needed",
    "slot.upper()", "most", "n - most", "n", "estimated", "results.seconds",
    "told", "title", "mark",
}  # fmt: skip
"""Numbers and names of ours that stand in texts, looked at one by one."""


def test_values_in_markdown_places_are_escaped(root: Path) -> None:
    """What ``test_safe_defaults`` asks of f-strings, asked of the values of ``t`` and ``tn``."""
    problems = []
    for path in sources(root):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            if call.func.attr not in MARKDOWN_SINKS:
                continue
            labels = [k.value for k in call.keywords if k.arg in ("label", "help", "body")]
            for argument in [*call.args[:1], *labels]:
                for inner in translations(argument):
                    template = " ".join(filter(None, (literal(a) for a in inner.args)))
                    problems += [
                        f"{path.name}:{inner.lineno} {k.arg}={ast.unparse(k.value)}"
                        for k in inner.keywords
                        if not escaped(k.value, str(k.arg), template)
                    ]
    assert not problems


def translations(node: ast.expr) -> Iterator[ast.Call]:
    """Calls of t and tn in an argument; what plain() wraps is escaped as a whole."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", "")
        if name in ("t", "tn"):
            yield node
        if name in ("t", "tn", "plain"):
            return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from translations(child)


# --- translating -----------------------------------------------------------------------------


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (i18n, figure_in_language.__globals__):
        space = vars(module) if not isinstance(module, dict) else module
        monkeypatch.setitem(space, "language", lambda: "zh")


def test_english_outside_a_session() -> None:
    assert i18n.language() == "en"
    assert i18n.t("Open the traces of {label}", label="x") == "Open the traces of x"
    assert i18n.tn("{n:,} trace", "{n:,} traces", 1) == "1 trace"
    assert i18n.tn("{n:,} trace", "{n:,} traces", 2_000) == "2,000 traces"


def test_a_value_is_never_read_as_a_template(chinese: None) -> None:
    hostile = "{0.__class__} {x} **b** ![i](http://h/x)"
    assert hostile in i18n.t("Open the traces of {label}", label=hostile)
    assert hostile in i18n.known(f"There is no trace {hostile}.")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("There is no trace 'a.b'.", "没有轨迹 'a.b'。"),
        ("Record 3 of x.json", "x.json 第 3 条记录"),
        ("the same to 3 significant digits", "3 位有效数字内相同"),
        ("Backtracking", "回溯"),
        ("a text that nobody has translated", "a text that nobody has translated"),
        ("x" * 100_000, "x" * 100_000),
        ("", ""),
    ],
)
def test_texts_of_the_library_are_recognised(chinese: None, text: str, shown: str) -> None:
    assert i18n.known(text) == shown


def test_figures_keep_their_data(chinese: None) -> None:
    figure = go.Figure()
    figure.add_bar(
        name="right (3)",
        x=[1],
        y=["high"],
        customdata=[["loop", "Loop", "loop"]],
        hovertemplate="%{customdata[1]}<br>median %{x:.1%} of %{customdata[1]:,} traces<extra></extra>",
    )
    figure.add_scatter(name="high (2)", x=[1], y=[1])
    figure.update_xaxes(title="Thinking tokens (log scale)", ticktext=["medium", "English (en)"])
    shown = figure_in_language(figure, said=[1])
    assert [trace.name for trace in shown.data] == ["正确 (3)", "high (2)"]
    assert list(shown.data[0].customdata[0]) == ["loop", "循环", "loop"]
    assert shown.data[0].hovertemplate == (
        "%{customdata[1]}<br>%{customdata[1]:,} 条轨迹的中位数：%{x:.1%}<extra></extra>"
    )
    assert shown.layout.xaxis.title.text == "思考 token 数（对数刻度）"
    assert list(shown.layout.xaxis.ticktext) == ["medium", "英语 (en)"]


# --- pages -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    path = tmp_path_factory.mktemp("languages") / "t.duckdb"
    with open_store(path) as store:
        for file in expand_paths([samples])[:6]:
            import_file(store, file)
        analyze(store, workers=2)
    return path


@pytest.fixture
def opened(root: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    monkeypatch.setenv("COTSCOPE_DB", str(database))

    def page(name: str, **query: str) -> AppTest:
        test = AppTest.from_file(str(root / "app.py"), default_timeout=120)
        for key, value in query.items():
            test.query_params[key] = value
        test.switch_page(f"pages/{name}.py")
        test.run()
        assert not test.exception
        return test

    yield page
    state._open.clear()


HEADINGS = {
    "home": "值得一看",
    "library": "资料库",
    "run": "运行",
    "traces": "轨迹",
    "search": "搜索",
    "reader": "",
    "overthinking": "过度思考",
    "languages": "语言",
    "behaviours": "行为",
    "accuracy": "准确率",
    "compare": "比较",
    "curate": "数据筛选",
    "verdicts": "判定",
    "annotate": "标注",
}


def test_the_table_names_every_page() -> None:
    assert set(HEADINGS) == set(state.PAGES)


@pytest.mark.parametrize("name", HEADINGS)
def test_pages_in_chinese(opened, name: str) -> None:
    test = opened(name, lang="zh")
    headings = [h.value for h in (*test.title, *test.header, *test.subheader)]
    if HEADINGS[name]:
        assert HEADINGS[name] in headings
    english = [h for h in headings if re.search(r"[A-Za-z]{3}", h) and h != "CoTScope"]
    assert not english


def test_the_switch(root: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTSCOPE_DB", str(database))
    test = AppTest.from_file(str(root / "app.py"), default_timeout=120).run()
    assert "Worth a look" in [h.value for h in test.subheader]
    assert test.button(key="language_zh").label == "中文"
    test.button(key="language_zh").click().run()
    assert "值得一看" in [h.value for h in test.subheader]
    assert test.query_params["lang"] == "zh"
    state._open.clear()


def test_switching_keeps_what_was_chosen_and_the_address_stays_english(opened) -> None:
    test = opened("overthinking", part="Rounds and loops")
    test.segmented_control(key="by").set_value("Repetition").run()
    test.query_params["lang"] = "zh"
    test.run()
    assert not test.exception
    assert [title.value for title in test.title] == ["过度思考"]
    assert test.segmented_control(key="part").value == "Rounds and loops"
    assert test.segmented_control(key="by").value == "Repetition"
    query = test.query_params
    assert (query["lang"], query["part"], query["by"]) == ("zh", "Rounds and loops", "Repetition")
    test.segmented_control(key="part").set_value("Underthinking").run()
    assert test.query_params["part"] == "Underthinking"


def test_links_within_tables_carry_the_language(opened) -> None:
    test = opened("traces", lang="zh", verdict="correct")
    frame = test.dataframe[0].value
    assert all("lang=zh" in link and "verdict=correct" in link for link in frame["read"])
    assert set(frame["verdict"]) == {"正确"}
    assert test.multiselect(key="verdict").value == ["correct"]
    assert all("lang=" not in link for link in opened("traces").dataframe[0].value["read"])


def test_an_unknown_language_is_english(opened) -> None:
    test = opened("traces", lang="xx")
    assert [title.value for title in test.title] == ["Traces"]


def test_errors_are_shown_in_the_language(opened) -> None:
    test = opened("search", lang="zh", q="metric:thinking_tokens>abc")
    assert any("不是数字" in text.value for text in test.text)
