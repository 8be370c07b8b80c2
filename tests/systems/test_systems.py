"""The table of systems in docs/formats.md: every named system stands there, with a test that exists."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from analysis.formats.registry import FORMATS
from analysis.model import ReasoningKind
from tests.systems.support import imported

NAMED = """
o1-preview, o1, o1-mini, o3, o3-mini, Gemini 2.0 Flash Thinking, Gemini thought summaries, Grok-3, Grok-3-mini,
DeepSeek-R1-Zero, DeepSeek-R1, R1-Distill-Qwen, R1-Distill-Llama, QwQ-32B-Preview, QwQ-32B, Sky-T1, Sky-T1-Flash,
Bespoke-Stratos, LIMO, s1, s1K, s1K-1.1, RedStar, gpt-oss, Qwen3, Anthropic thinking, Magistral, GLM, Kimi, MiniMax, Nemotron,
Phi-4, Granite, OpenThoughts, OpenR1-Math, Mixture-of-Thoughts, AM-Distilled, Dolphin-R1, OpenMathReasoning, NuminaMath-QwQ,
Llama-Nemotron, DeltaBench, vLLM, vLLM run-batch, SGLang, Ollama, OpenAI chat, OpenAI Responses, OpenAI Batch,
Anthropic Messages, Anthropic Batches, Gemini Batch, Bedrock Converse, Cohere, OpenRouter, LiteLLM, Inspect, lm-eval, lighteval,
evalscope, OpenCompass, SkyThought, MathArena, verl, TRL, LiveCodeBench, ZeroEval, OTel GenAI, OpenInference / Phoenix, Langfuse,
ATIF, SSE dumps, ShareGPT rows, messages rows, parallel lists, EXAONE, Seed-OSS, Hunyuan, ERNIE, OLMo 3, Step 3, Gemma 4, Apertus,
Cohere Command, PLaMo, K2, Inkling, Muse, Marco-o1, STILL, DeepSeek-V3.1,
promptfoo, HELM, FastChat, OpenAI Evals, Qwen2.5-Math, MLflow, ChatGPT export, DeepSeek export, Claude Code, Codex,
LangChain messages, pydantic-ai, AutoGen, Open WebUI, LibreChat, LM Studio, Gemini CLI, OpenHands, Grok export, LlamaIndex, Haystack
"""
SYSTEMS = [name.strip() for name in NAMED.replace("\n", " ").split(",")]
ROW = re.compile(
    r"^\| (?P<system>[^|]+) \| (?P<where>.+) \| (?P<kind>[a-z, ]+) \| (?P<format>[`a-z0-9_, ]+) \|"
    r" \[(?P<case>[^\]]+)\]\((?P<path>[^)]+)\) \|$"
)


@dataclass(frozen=True, slots=True)
class Row:
    kinds: list[str]
    formats: list[str]
    case: str
    path: Path


@pytest.fixture(scope="module")
def table(root: Path) -> dict[str, Row]:
    text = (root / "docs" / "formats.md").read_text(encoding="utf-8")
    section = text.split("\n## Systems\n")[1].split("\n## ")[0]
    found = {}
    for line in section.splitlines():
        if match := ROW.match(line):
            found[match["system"].strip()] = Row(
                match["kind"].split(", "),
                re.findall(r"`([a-z0-9_]+)`", match["format"]),
                match["case"],
                (root / "docs" / match["path"]).resolve(),
            )
        else:
            assert not line.startswith("| ") or line.startswith("| system "), line
    return found


def test_every_system_stands_in_the_table(table: dict[str, Row]) -> None:
    assert sorted(table) == sorted(SYSTEMS)


def test_every_row_says_what_is_known(table: dict[str, Row]) -> None:
    kinds, formats = {str(k) for k in ReasoningKind}, {f.id for f in FORMATS}
    for system, row in table.items():
        assert row.kinds, system
        assert set(row.kinds) <= kinds, system
        assert set(row.formats) <= formats, system


def test_every_linked_test_exists(table: dict[str, Row]) -> None:
    for system, row in table.items():
        assert row.path.is_file(), system
        assert f'"{row.case}": ' in row.path.read_text(encoding="utf-8"), system


MODULES = sorted(
    p.stem
    for p in Path(__file__).parent.glob("test_*.py")
    if p.stem != "test_systems" and not p.stem.startswith("test_wild")
)


@pytest.mark.parametrize("module", MODULES)
def test_rows_agree_with_what_is_read(module: str, table: dict[str, Row], tmp_path: Path) -> None:
    """Kind and format of a row are those that the linked records give."""
    cases = importlib.import_module(f"tests.systems.{module}").CASES
    for system, rows in imported(cases, tmp_path).items():
        assert table[system].path.stem == module
        assert table[system].kinds == sorted({row["reasoning_kind"] for row in rows}), system
        assert table[system].formats == sorted({row["format_id"] for row in rows}), system
