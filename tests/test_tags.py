"""The tag rules: a table of replies and what they split into."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.formats.markers import ANSWER, REASONING
from analysis.formats.tags import has_marks, opens_reasoning, split_heading, split_tagged
from analysis.model import SplitMethod
from tests.growth import assert_linear

# name: (text, blocks, answer, truncated, warning codes)
CASES: dict[str, tuple[str, tuple[str, ...], str | None, bool, set[str]]] = {
    "plain pair": ("<think>\nR\n</think>\n\nA", ("R",), "A", False, set()),
    "no marks": ("just an answer", (), "just an answer", False, set()),
    "only spaces": (" \n ", (), None, False, set()),
    "empty": ("", (), None, False, set()),
    "empty think": ("<think>\n\n</think>\n\nA", (), "A", False, set()),
    "nothing after": ("<think>R</think>", ("R",), None, False, set()),
    "missing opener": ("R\n</think>\n\nA", ("R",), "A", False, {"missing_opener"}),
    "stray closer first": ("</think>\n\nA", (), "A", False, {"missing_opener"}),
    "missing closer": ("<think>\nR goes on", ("R goes on",), None, True, {"missing_closer"}),
    "only an opener": ("<think>", (), None, True, {"missing_closer"}),
    "repeated openers": (
        "<think>\n<think>\nR\n</think>\nA", ("R",), "A", False, {"repeated_opener"},
    ),
    "repeated closers": ("<think>R</think>\n</think>\nA", ("R",), "A", False, {"repeated_closer"}),
    "two blocks": ("<think>R</think>\n<think>S</think>A", ("R", "S"), "A", False, set()),
    "a second block on its own line": (
        "<think>\nR\n</think>\n\nLet me check.\n\n<think>\nS\n</think>\n\nA",
        ("R", "S"), "A", False, {"text_between_blocks"},
    ),
    "later marks inline stay": (
        "<think>R</think>\nUse <think>x</think> in prompts.",
        ("R",), "Use <think>x</think> in prompts.", False, set(),
    ),
    "an opener in the answer stays": (
        "<think>R</think>\nThe tag\n<think>\nstarts it.",
        ("R",), "The tag\n<think>\nstarts it.", False, set(),
    ),
    "nested": (
        "<think>R <think>inner</think> more</think>A",
        ("R <think>inner</think> more",), "A", False, {"nested_marks"},
    ),
    "an opener named in the reasoning": (
        "<think>The user wants <think> tags.\nR\n</think>\nA",
        ("The user wants <think> tags.\nR",), "A", False, {"nested_marks"},
    ),
    "a pair named in reasoning without opener": (
        "I reason in <think> </think> first.\nR\n</think>\nA",
        ("I reason in <think> </think> first.\nR",), "A", False, {"missing_opener", "nested_marks"},
    ),
    "an opener named in reasoning without opener": (
        "The user wants <think> tags. R\n</think>\n\nA",
        ("The user wants <think> tags. R",), "A", False, {"missing_opener", "nested_marks"},
    ),
    "prose about the marks": (
        "Put it between <think> and </think> as asked.",
        (), "Put it between <think> and </think> as asked.", False, set(),
    ),
    "marks in inline code": (
        "Write `<think>` and `</think>`.", (), "Write `<think>` and `</think>`.", False, set(),
    ),
    "marks in one code span": (
        "Write `<think>x</think>` here.", (), "Write `<think>x</think>` here.", False, set(),
    ),
    "marks in quotation marks": (
        'It ends with "</think>" always.', (), 'It ends with "</think>" always.', False, set(),
    ),
    "a quoted closer in the reasoning": (
        "<think>I must end with `</think>`. Done.\n</think>\nA",
        ("I must end with `</think>`. Done.",), "A", False, set(),
    ),
    "a quote mark right before the closer is no quotation": (
        '<think>It is "42"</think>"42"', ('It is "42"',), '"42"', False, set(),
    ),
    "marks in a code fence": (
        "Example:\n```\n<think>\nR\n</think>\n```\nok",
        (), "Example:\n```\n<think>\nR\n</think>\n```\nok", False, set(),
    ),
    "an unclosed fence in the reasoning": (
        "<think>\n```python\nx=1\nhm\n</think>\n\n```python\nx=1\n```",
        ("```python\nx=1\nhm",), "```python\nx=1\n```", False, set(),
    ),
    "a fence in the answer quotes a closer": (
        "<think>\nR\n</think>\nA\n```\n</think>\n```",
        ("R",), "A\n```\n</think>\n```", False, set(),
    ),
    "visible text before": (
        "Sure!\n<think>\nR\n</think>\nA", ("R",), "A", False, {"text_before_reasoning"},
    ),
    "CRLF": ("<think>\r\nR1\r\nR2\r\n</think>\r\n\r\nA", ("R1\r\nR2",), "A", False, set()),
    "upper case": ("<THINK>R</THINK>A", ("R",), "A", False, set()),
    "space in the mark": ("<think >R</think >A", ("R",), "A", False, set()),
    "hash suffix": ("<think:6124c78e>R</think:6124c78e>A", ("R",), "A", False, set()),
    "template rest": (
        "<|im_start|>assistant\n<think>\nR\n</think>\n\nA<|im_end|>", ("R",), "A", False, set(),
    ),
    "template rest of a cut reply": (
        "<think>\nR<|endoftext|>", ("R",), None, True, {"missing_closer"},
    ),
    "template rest without marks": ("A<|im_end|>\n", (), "A", False, set()),
    "answer wrapper": ("<think>R</think><answer>A</answer>", ("R",), "A", False, set()),
    "answer wrapper alone": ("<answer>A</answer>", (), "A", False, set()),
    "response wrapper": ("R</think>\n\n<response>\nA\n</response>", ("R",), "A", False, {"missing_opener"}),
    "hunyuan": ("<think>\nR\n</think>\n<answer>\nA\n</answer>", ("R",), "A", False, set()),
    "text after the wrapper": (
        "<think>R</think><answer>A</answer> bye", ("R",), "A", False, {"text_after_answer"},
    ),
    "the answer begins without a closer": (
        "<think>R\n<answer>A</answer>", ("R",), "A", False, {"missing_closer"},
    ),
    "a second closer before the answer": (
        "<think>R</think> S</think><answer>A</answer>", ("R", "S"), "A", False, {"extra_closer"},
    ),
    "the answer inside the reasoning": (
        "<think>R<answer>A</answer></think>", ("R",), "A", False, {"answer_inside_reasoning"},
    ),
    "first closer wins": (
        "R\n</think>\nA\n</think>\nB", ("R",), "A\n</think>\nB", False, {"missing_opener", "extra_closer"},
    ),
    "a tool call ends unclosed reasoning": (
        "<think>\nR\n<tool_call>\n{}\n</tool_call>", ("R",), None, False, {"missing_closer"},
    ),
    "a tool call after the reasoning": (
        "<think>R</think>\nI look.\n<tool_call>{}</tool_call>",
        ("R",), "I look.", False, {"tool_call_in_text"},
    ),
    "Marco-o1": ("<Thought>\nR\n</Thought>\n<Output>\nA\n</Output>", ("R",), "A", False, set()),
    "s1": ("<|im_start|>think\nR\n<|im_start|>answer\nA<|im_end|>", ("R",), "A", False, set()),
    "Sky-T1": (
        "<|begin_of_thought|>\n\nR\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\nA\n\n<|end_of_solution|>",
        ("R",), "A", False, set(),
    ),
    "Sky-T1 without end of thought": (
        "<|begin_of_thought|>\nR\n<|begin_of_solution|>\nA", ("R",), "A", False, {"missing_closer"},
    ),
    "special tokens count beside code": (
        "<|begin_of_thought|>`R`<|end_of_thought|>`A`", ("`R`",), "`A`", False, set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_table(name: str) -> None:
    text, blocks, answer, truncated, codes = CASES[name]
    split = split_tagged(text)
    assert (split.reasoning_blocks, split.answer, split.truncated) == (blocks, answer, truncated)
    assert {w.code for w in split.warnings} == codes
    assert split.reasoning == ("\n\n".join(blocks) or None)


PAIRS = [
    ("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<thought>", "</thought>"),
    ("<Thought>", "</Thought>"), ("<reasoning>", "</reasoning>"), ("<seed:think>", "</seed:think>"),
    ("<mm:think>", "</mm:think>"), ("[THINK]", "[/THINK]"), ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"), ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel>thought\n", "<channel|>"), ("<|im_start|>think\n", "<|im_start|>answer\n"),
    ("<|plamo:begin_think:plamo|>", "<|plamo:end_think:plamo|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"), ("Here is my thought process:", "Here is my response:"),
]  # fmt: skip


@pytest.mark.parametrize(("opener", "closer"), PAIRS)
def test_every_family(opener: str, closer: str) -> None:
    prose = opener.startswith("Here")
    for text, blocks, answer, truncated in (
        (f"{opener}R{closer}A", ("R",), "A", False),
        (f"{opener}\nR", ("R",), None, True),
        (f"{opener}{closer}A", (), "A", False),
    ):
        split = split_tagged(text)
        assert (split.reasoning_blocks, split.answer, split.truncated) == (
            blocks,
            answer,
            truncated,
        )
        assert split.method is (SplitMethod.PROSE_MARKER if prose else SplitMethod.TAG)
    without = split_tagged(f"R\n{closer}A")
    if prose:  # ordinary words delimit nothing by themselves
        assert without.answer == f"R\n{closer}A"
    else:
        assert (without.reasoning_blocks, without.answer) == (("R",), "A")
        assert opens_reasoning(f"Question?\n{opener}\n")
        assert not opens_reasoning(f"Question {opener} and more")


def test_families_are_all_tested() -> None:
    assert len({p.name for p in REASONING}) == len(REASONING)
    assert len(PAIRS) == len(REASONING) + 1  # <Thought> and <thought> are one row
    assert len({p.name for p in ANSWER}) == len(ANSWER)


@pytest.mark.parametrize(
    ("text", "prefilled", "blocks", "answer", "truncated"),
    [
        ("R goes on", True, ("R goes on",), None, True),
        ("R\n</think>\nA", True, ("R",), "A", False),
        ("A", False, (), "A", False),
        ("A", None, (), "A", False),
        ("<think>R</think>A", True, ("R",), "A", False),
        ("R\n<tool_call>{}</tool_call>", True, ("R",), None, False),
        ("", True, (), None, False),
    ],
)
def test_prefilled(
    text: str, prefilled: bool | None, blocks: tuple[str, ...], answer: str | None, truncated: bool
) -> None:
    split = split_tagged(text, prefilled=prefilled)
    assert (split.reasoning_blocks, split.answer, split.truncated) == (blocks, answer, truncated)


def test_heading() -> None:
    split = split_heading("I think.\n\n**Final Answer**\n\n\\[ \\boxed{1} \\]\n")
    assert split is not None
    assert split.reasoning == "I think."
    assert split.answer == "\\[ \\boxed{1} \\]"
    assert split.method is SplitMethod.HEADING
    last = split_heading("R\n**Final Answer**\n1\nWait.\n**Final Answer:**\n2")
    assert last is not None
    assert last.answer == "2"
    assert split_heading("no heading") is None
    assert split_heading("the **Final Answer** inline") is None
    assert split_heading("**Final Answer**\n1") is None
    assert split_heading("R\n**Final Answer**\n") is None


PIECES = st.sampled_from(
    ["<think>", "</think>", "<THINK>", "`", "```\n", "\n", " ", "x", '"', "<answer>", "</answer>",
     "<tool_call>", "<|im_end|>", "[THINK]", "[/THINK]", "◁think▷", "<|im_start|>think\n", "**Final Answer**",
     "\\", "é", "\u2028", "word. "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from([None, True, False]))
def test_splits_are_sound(text: str, prefilled: bool | None) -> None:
    split = split_tagged(text, prefilled=prefilled)
    for part in (*split.reasoning_blocks, split.answer):
        if part is not None:
            assert part
            assert part == part.strip()
            assert part in text
    if split.truncated:
        assert split.answer is None
    if split.method is SplitMethod.NONE:
        assert not split.reasoning_blocks
    if not has_marks(text) and not prefilled:
        assert not split.reasoning_blocks


@pytest.mark.parametrize(
    "unit",
    ["<think>", "</think>", "<think>\n", "x</think>", "`<think>` ", "`</think>", "```\n</think>\n",
     "<", "<|im_end|>", " ", "\n", '"</think>" ', "<answer>", "<think></think>\n", "**Final Answer**\n"],
)  # fmt: skip
def test_linear_time(unit: str) -> None:
    """Four times the hostile text takes about four times as long, not sixteen."""

    def run(size: int) -> Callable[[], object]:
        text = unit * (size // len(unit))
        return lambda: [
            split(whole)
            for whole in (text, "<think>" + text)
            for split in (split_tagged, split_heading)
        ]

    assert_linear(run, 100_000)
