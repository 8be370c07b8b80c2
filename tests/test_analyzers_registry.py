"""The registry, plugins good and bad, and what every analyzer must keep for any text."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.analyzers import registry
from analysis.analyzers.documents import make_document
from analysis.analyzers.protocol import Analyzer
from analysis.errors import UsageError
from analysis.limits import MAX_FINDINGS_PER_ANALYZER
from analysis.model import Analysis, Document, Metric, MetricSpec


class Plugin:
    """A plugin that does right."""

    name = "exclamations"
    version = "1"
    labels: Mapping[str, str] = {"exclamation": "A sentence that ends with an exclamation mark."}
    metrics = (
        MetricSpec("n_exclamations", "Exclamations", "", ">= 0", "Marks.", "ours", "integer"),
    )
    requires = frozenset({"sentences"})

    def config_hash(self) -> str:
        return "0"

    def analyze(self, document: Document) -> Analysis:
        return Analysis((), (Metric("n_exclamations", document.reasoning.count("!")),))


class Taken(Plugin):
    name = "behaviours"


class NoText(Plugin):
    labels = {"exclamation": 5}  # type: ignore[dict-item]  # noqa: RUF012


class TakenMetric(Plugin):
    metrics = (MetricSpec("n_thoughts", "", "", "", "", ""),)


class TakenLabel(Plugin):
    labels = {"loop": "A loop."}  # noqa: RUF012


class Raises(Plugin):
    @property
    def labels(self) -> Mapping[str, str]:  # type: ignore[override]
        raise RuntimeError("no labels today")


class Demands(Plugin):
    requires = frozenset({"embeddings"})


def use(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    points = [EntryPoint(n, f"{__name__}:{n}", registry.ENTRY_POINT_GROUP) for n in names]
    monkeypatch.setattr(registry, "_entry_points", lambda: points)


def test_ours_in_a_fixed_order() -> None:
    names = [analyzer.name for analyzer in registry.default_analyzers()]
    assert names == ["behaviours", "overthinking", "language_mixing"]
    assert all(isinstance(a, Analyzer) for a in registry.default_analyzers())


def test_a_plugin_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "Plugin")
    assert registry.all_analyzers()[-1].name == "exclamations"
    assert registry.get("exclamations").analyze(make_document("t", "Oh!")).metrics[0].value == 1
    assert registry.metric_specs()["n_exclamations"][0] == "exclamations"
    assert "exclamation" in registry.label_definitions()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Taken", "is taken"),
        ("NoText", "not a text"),
        ("TakenMetric", "n_thoughts"),
        ("TakenLabel", "'loop'"),
        ("Raises", "no labels today"),
        ("Demands", "embeddings"),
        ("Missing", "could not be loaded"),
        ("use", "could not be loaded"),
    ],
)
def test_a_bad_plugin_is_a_warning(monkeypatch: pytest.MonkeyPatch, name: str, why: str) -> None:
    use(monkeypatch, name)
    with pytest.warns(UserWarning, match=why):
        assert registry.all_analyzers() == registry.default_analyzers()


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UsageError, match="overthinking"):
        registry.get("nonsense")


def test_metric_names_and_labels_are_unique() -> None:
    analyzers = registry.default_analyzers()
    metrics = [spec.name for a in analyzers for spec in a.metrics]
    labels = [label for a in analyzers for label in a.labels]
    assert len(metrics) == len(set(metrics)) == len(registry.metric_specs())
    assert len(labels) == len(set(labels))
    for _, spec in registry.metric_specs().values():
        assert spec.title and spec.definition and spec.source and spec.range
        assert spec.kind in ("number", "integer", "boolean", "text")


KINDS: dict[str, tuple[type, ...]] = {
    "number": (float, int),
    "integer": (int,),
    "boolean": (bool,),
    "text": (str,),
}


def check(document: Document) -> None:
    """What holds for every analyzer and every text."""
    for analyzer in registry.default_analyzers():
        result = analyzer.analyze(document)
        assert [m.name for m in result.metrics] == [s.name for s in analyzer.metrics]
        kinds = {spec.name: spec.kind for spec in analyzer.metrics}
        for metric in result.metrics:
            value: Any = metric.value
            assert value is None or type(value) in KINDS[kinds[metric.name]], metric
        assert len(result.findings) <= MAX_FINDINGS_PER_ANALYZER
        for f in result.findings:
            assert f.label in analyzer.labels
            assert 0 <= f.start < f.end <= len(document.reasoning)
            assert 0 <= f.score <= 1
        order = [(f.start, f.end, f.label) for f in result.findings]
        assert order == sorted(order)
        assert analyzer.analyze(document) == result


PIECES = [
    "Wait, let me check again. ", "Alternatively, let me use ", "So the answer is 5. ", r"\boxed{3}", "\n\n",
    "答案是 5。", "误", "$x = 1$", "```\n", "`", "\x00", "\ud800", "😀", "e\u0301", "= 7. ", "That matches. ", "{", "“", "أ",
]  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.sampled_from([None, "5", "C"])
)
def test_invariants_on_pieces(text: str, gold: str | None) -> None:
    check(make_document("t", text, answer="The answer is 5.", question="误?", gold_answer=gold))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_invariants_on_any_text(text: str) -> None:
    check(make_document("t", text, answer=text, question=text, gold_answer=text))


@pytest.mark.parametrize(
    "block",
    ["Wait, let me check again. So the answer is 5. ", "hello 我 ", "\\boxed{1}", "“我 is "],
)
def test_no_runaway_findings(block: str) -> None:
    document = make_document("t", block * (200_000 // len(block)))
    for analyzer in registry.default_analyzers():
        assert len(analyzer.analyze(document).findings) <= MAX_FINDINGS_PER_ANALYZER


def test_a_trace_becomes_a_document() -> None:
    document = make_document("id", "One. Two.", answer="2", gold_answer="2")
    assert (document.trace_id, document.answer, len(document.sentences)) == ("id", "2", 2)
    assert make_document("id", None).reasoning == ""


def test_the_same_output_in_every_process(root: Path) -> None:
    code = (
        "from analysis.analyzers.documents import make_document\n"
        "from analysis.analyzers.registry import default_analyzers\n"
        "t = 'Let me verify 误以为 this. Alternatively, let me add. So the answer is 5. Так и here. ' * 3\n"
        "d = make_document('t', t, answer='5', gold_answer='5', question='Why is it so?')\n"
        "print([(a.config_hash(), a.analyze(d)) for a in default_analyzers()])\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1


def test_the_documented_plugin_works(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (root / "docs/adding_an_analyzer.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    (tmp_path / "documented_plugin.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("questions", "documented_plugin:Questions", registry.ENTRY_POINT_GROUP)
    monkeypatch.setattr(registry, "_entry_points", lambda: [point])
    plugin = registry.get("questions")
    result = plugin.analyze(make_document("t", "Is it 5? It is. Why so?"))
    assert [(f.start, f.end) for f in result.findings] == [(0, 9), (16, 23)]
    assert result.metrics[0].value == 2
