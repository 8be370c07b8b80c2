"""The tag rules: a table of replies and what they split into."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.formats.markers import ANSWER, LEAD, REASONING, Pair
from analysis.formats.split import split_text
from analysis.formats.tags import (
    Split,
    has_marks,
    opened_effort,
    opens_reasoning,
    split_heading,
    split_tagged,
)
from analysis.formats.templates import asked_in, rendered_turns
from analysis.formats.visible import clean_end
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
    "hash suffix on the answer": (
        "<think:6124c78e>R</think:6124c78e><answer:6124c78e>A</answer:6124c78e>", ("R",), "A", False, set(),
    ),
    "a short word after a colon is no suffix": (
        "<think:x>R</think:x>A", (), "<think:x>R</think:x>A", False, set(),
    ),
    "attributes": ('<think duration="3">R</think>A', ("R",), "A", False, set()),
    "words are no attributes": (
        "<think about it>R</think about it>", (), "<think about it>R</think about it>", False, set(),
    ),
    "a closer of another kind": ("<think>\nR\n</thinking>\n\nA", ("R",), "A", False, {"other_closer"}),
    "another closer named in cut reasoning": (
        "<think>\nR names </thinking> here", ("R names </thinking> here",), None, True, {"missing_closer"},
    ),
    "tags that a prompt asked for": (
        "<analysis>\nR\n</analysis>\n<final_answer>A</final_answer>", ("R",), "A", False, set(),
    ),
    "tags that a prompt asked for and no closer": ("<analysis> is a tag", (), "<analysis> is a tag", False, set()),
    "tags that a prompt asked for later on": (
        "A\n<scratchpad>x</scratchpad>\nB", (), "A\n<scratchpad>x</scratchpad>\nB", False, set(),
    ),
    "a call inside the line": (
        '<think>R, so <tool_call>\n{"name": "f"}\n</tool_call>', ("R, so",), None, False, {"missing_closer"},
    ),
    "the mark of calls named in cut reasoning": (
        "<think>R names <tool_call> here", ("R names <tool_call> here",), None, True, {"missing_closer"},
    ),
    "a special mark of calls": ("<think>R[TOOL_CALLS]f", ("R",), None, False, {"missing_closer"}),
    "Phi-4": ("<|im_start|>assistant<|im_sep|><think>R</think>A<|im_end|>", ("R",), "A", False, set()),
    "EXAONE": ("[|assistant|]<thought>\nR\n</thought>\n\nA[|endofturn|]", ("R",), "A", False, set()),
    "GLM stops at the next turn": ("<|assistant|>\n<think>R</think>\nA<|user|>", ("R",), "A", False, set()),
    "Seed": ("<seed:think>R</seed:think>A<seed:eos>", ("R",), "A", False, set()),
    "Apertus": (
        "<|assistant_start|><|inner_prefix|>R<|inner_suffix|>A<|assistant_end|>", ("R",), "A", False, set(),
    ),
    "curly apostrophe": ("Here’s my thought process: R Here’s my response: A", ("R",), "A", False, set()),
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
    ("<Thought>", "</Thought>"), ("<reasoning>", "</reasoning>"), ("<seed:think>", "</seed:think>"), ("&lt;think&gt;", "&lt;/think&gt;"),
    ("<mm:think>", "</mm:think>"), ("[THINK]", "[/THINK]"), ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"), ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel>thought\n", "<channel|>"), ("<|im_start|>think\n", "<|im_start|>answer\n"),
    ("<|plamo:begin_think:plamo|>", "<|plamo:end_think:plamo|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"), ("Here is my thought process:", "Here is my response:"),
    ("<think_fast>", "</think_fast>"), ("<think_faster>", "</think_faster>"), ("<ifm|think>", "</ifm|think>"),
    ("<ifm|think_fast>", "</ifm|think_fast>"), ("<ifm|think_faster>", "</ifm|think_faster>"), ("<longcat_think>", "</longcat_think>"),
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


@pytest.mark.parametrize("pair", [p for p in REASONING if p.prompted], ids=lambda p: p.name)
def test_tags_that_a_prompt_asks_for(pair: Pair) -> None:
    """They count where the text begins with one that is closed, and nowhere else."""
    opener, closer = f"<{pair.name}>", f"</{pair.name}>"
    split = split_tagged(f"{opener}\nR\n{closer}\nA")
    assert (split.reasoning_blocks, split.answer) == (("R",), "A")
    for text in (f"{opener}\nR", f"R\n{closer}\nA", f"A\n{opener}\nx\n{closer}"):
        assert split_tagged(text).answer == text
        assert not has_marks(text)


@pytest.mark.parametrize(
    ("opener", "effort"),
    [
        ("<ifm|think>", "high"),
        ("<ifm|think_fast>", "medium"),
        ("<think_faster>", "low"),
        ("<think>", None),
    ],
)
def test_the_mark_tells_the_effort(opener: str, effort: str | None) -> None:
    assert split_tagged(f"{opener}R").effort == effort
    assert opened_effort(f"Question?\n{opener}\n") == effort


@pytest.mark.parametrize(
    ("text", "blocks", "answer", "truncated"),
    [
        ('<details type="reasoning" done="true">\n<summary>Thought</summary>\n> R\n> S\n</details>\nA', ("R\nS",), "A", False),
        ('<details type="reasoning" done="false">\n&gt; 1 &lt; 2\n&gt;\n&gt; S', ("1 < 2\n\nS",), None, True),
        ('<details type="reasoning">\n> R\nS\n</details>\nA', ("> R\nS",), "A", False),
        ("<details><summary>More</summary>B</details>", (), "<details><summary>More</summary>B</details>", False),
        ('A\n\n<details type="reasoning">\nB\n</details>', (), 'A\n\n<details type="reasoning">\nB\n</details>', False),
        (":::thinking\nR\n:::\nA", ("R",), "A", False),
        (":::thinking\nR", ("R",), None, True),
        ("A ::: B\n:::\nC", (), "A ::: B\n:::\nC", False),
    ],
)  # fmt: skip
def test_marks_of_pages_count_only_at_the_start(
    text: str, blocks: tuple[str, ...], answer: str | None, truncated: bool
) -> None:
    split = split_tagged(text)
    assert (split.reasoning_blocks, split.answer, split.truncated) == (blocks, answer, truncated)


def test_families_are_all_tested() -> None:
    assert len({p.name for p in REASONING}) == len(REASONING)
    told = [p for p in REASONING if not p.prompted and not p.led]
    assert len(PAIRS) == len(told) + 1  # <Thought> is <thought>
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


LEFT_OUT = frozenset(
    ("text_before_reasoning", "text_between_blocks", "text_after_answer", "tool_call_in_text", "missing_closer",
     "answer_inside_reasoning", "other_closer")
)  # fmt: skip
"""Warnings that say that some text is in the raw response only."""
MARKS = [re.compile(e, re.IGNORECASE) for p in (*REASONING, *ANSWER) for e in (p.open, p.close)]


def beside(text: str, split: Split) -> str:
    """What of a text is in no block and not in the answer, without marks and template rest."""
    at, left = 0, []
    for part in (*split.reasoning_blocks, *([split.answer] if split.answer else [])):
        found = text.find(part, at)
        assert found >= 0, (part, "is not in the text, or not in this order")
        left.append(text[at:found])
        at = found + len(part)
    left.append(text[at:])
    rest = "\n".join(left)
    for mark in MARKS:
        rest = mark.sub(" ", rest)
    return clean_end(LEAD.sub("", rest))


@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from([None, True, False]))
def test_no_text_is_lost(text: str, prefilled: bool | None) -> None:
    """Blocks, answer and marks make up the text again, in this order; what is left out is warned."""
    split = split_text(text, prefilled=prefilled)
    codes = {w.code for w in split.warnings}
    if not codes & LEFT_OUT:
        assert beside(text, split) == ""


WORDS = st.sampled_from(["so", "Wait, no.", "2 + 2", "it is 4", "\\boxed{4}", "x < y", "naïve ½"])
BODY = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
FAMILIES = st.sampled_from([pair for pair in PAIRS if not pair[0].startswith("Here")])


@given(
    FAMILIES,
    st.lists(BODY, min_size=1, max_size=4),
    BODY,
    st.booleans(),
    st.sampled_from(["", "\n", "\n\n", " "]),
)
def test_blocks_and_answer_come_back(
    family: tuple[str, str], blocks: list[str], answer: str, opened: bool, space: str
) -> None:
    """What was put between the marks is what is found there, whatever the family."""
    opener, closer = family
    written = "".join(f"{opener}{space}{block}{space}{closer}\n" for block in blocks)
    text = (written if opened else written.removeprefix(opener)) + answer
    split = split_text(text)
    assert split.reasoning_blocks == tuple(blocks)
    assert split.answer == answer
    assert ("missing_opener" in {w.code for w in split.warnings}) is not opened


@given(FAMILIES, BODY, st.integers(0, 200))
def test_cut_anywhere(family: tuple[str, str], block: str, cut: int) -> None:
    """A reply that is cut off inside its reasoning has no answer, and all that was written of it."""
    opener, closer = family
    text = (opener + block + closer + "It is 4.")[: len(opener) + min(cut, len(block))]
    split = split_text(text)
    assert split.truncated
    assert split.answer is None
    assert split.reasoning == (text[len(opener) :].strip() or None)


@given(st.lists(PIECES | st.sampled_from(["<|channel|>analysis<|message|>", "<|end|>", "<|start|>assistant", "to=self<|message|>",
       "<|channel|>final<|message|>", "<|open|>think<|sep|>", "<|close|>think<|sep|>", "<|content_thinking|>", "analysis",
       "assistantfinal", "<|eom|>", "<|start|>user<|message|>", "<|end_message|>", "<|message_user|>"]), max_size=25).map("".join))  # fmt: skip
def test_any_nesting_of_protocols(text: str) -> None:
    """Nothing raises, parts are stripped parts of the text, and a cut reply has no answer."""
    split = split_text(text)
    for part in split.reasoning_blocks:
        assert part == part.strip()
        assert part in text
    assert not (split.truncated and split.answer)
    for piece in (split.answer or "").split("\n\n"):
        assert piece in text
    rendered_turns(text)
    asked_in(text)


CHANNELS = {
    "a preamble": (
        "<|channel|>commentary<|message|>P<|end|><|start|>assistant<|channel|>analysis<|message|>R<|end|>"
        "<|start|>assistant<|channel|>final<|message|>A<|return|>",
        ("R",), "A", {"text_between_blocks"},
    ),
    "only a preamble": ("<|channel|>commentary<|message|>P<|end|>", (), "P", set()),
    "a python call in the reasoning": (
        "<|channel|>analysis to=python code<|message|>1+1<|call|><|start|>python to=assistant<|channel|>commentary<|message|>2<|end|>"
        "<|start|>assistant<|channel|>final<|message|>A",
        (), "A", {"tool_call_in_text"},
    ),
    "only the last turn": (
        "<|start|>user<|message|>q1<|end|><|start|>assistant<|channel|>final<|message|>a1<|end|>"
        "<|start|>user<|message|>q2<|end|><|start|>assistant<|channel|>analysis<|message|>R<|end|>"
        "<|start|>assistant<|channel|>final<|message|>A<|return|>",
        ("R",), "A", set(),
    ),
    "channels named in another model's reply": (
        "<think>It is <|channel|>analysis<|message|> there.</think>A",
        ("It is <|channel|>analysis<|message|> there.",), "A", set(),
    ),
    "channels in code": ("Write `<|channel|>analysis<|message|>`.", (), "Write `<|channel|>analysis<|message|>`.", set()),
    "words that only begin alike": ("analysis of the text", (), "analysis of the text", set()),
    "residue, cut off": ("analysisWe add", ("We add",), None, {"channel_residue", "missing_closer"}),
    "Kimi K3 calls a tool": (
        'R<|close|>think<|sep|><|open|>tools<|sep|><|open|>call tool="f" index="1"<|sep|>{}<|close|>call<|sep|><|close|>tools<|sep|>',
        ("R",), None, {"missing_opener", "tool_call_in_text"},
    ),
    "Muse without the first header": (
        "R<|eom|><|start|>assistant to=user<|message|>A<|eot|>", ("R",), "A", {"missing_opener"},
    ),
    "Inkling without end marks": ("<|message_model|><|content_thinking|>R<|content_text|>A", ("R",), "A", set()),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANNELS)
def test_channels(name: str) -> None:
    text, blocks, answer, codes = CHANNELS[name]
    split = split_text(text)
    assert (split.reasoning_blocks, split.answer) == (blocks, answer)
    assert {w.code for w in split.warnings} == codes


PROMPTS = [
    "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\n<think>\n",
    "<|im_start|>system<|im_sep|>S<|im_end|><|im_start|>user<|im_sep|>Q<|im_end|><|im_start|>assistant<|im_sep|>",
    "<|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nQ<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "<｜begin▁of▁sentence｜>S<｜User｜>Q<｜Assistant｜><think>\n",
    "<s>[SYSTEM_PROMPT]S[/SYSTEM_PROMPT][INST]Q[/INST]",
    "[|system|]S[|endofturn|]\n[|user|]Q[|endofturn|]\n[|assistant|]<thought>\n",
    "<|im_system|>system<|im_middle|>S<|im_end|><|im_user|>user<|im_middle|>Q<|im_end|><|im_assistant|>assistant<|im_middle|>",
    "<seed:bos>system\nS<seed:eos><seed:bos>user\nQ<seed:eos><seed:bos>assistant\n",
    "<|start_of_role|>system<|end_of_role|>S<|end_of_text|>\n<|start_of_role|>user<|end_of_role|>Q<|end_of_text|>\n"
    "<|start_of_role|>assistant<|end_of_role|>",
    "<|system_start|>S<|system_end|><|user_start|>Q<|user_end|><|assistant_start|>",
    "<bos><|turn>system\nS<turn|>\n<|turn>user\nQ<turn|>\n<|turn>model\n",
    "<|start|>system<|message|>S<|end|><|start|>user<|message|>Q<|end|><|start|>assistant",
    "<|message_system|><|content_text|>S<|end_message|><|message_user|><|content_text|>Q<|end_message|><|message_model|>",
    '<|open|>message role="system"<|sep|>S<|close|>message<|sep|><|end_of_msg|><|open|>message role="user"<|sep|>Q'
    '<|close|>message<|sep|><|end_of_msg|><|open|>message role="assistant"<|sep|><|open|>think<|sep|>',
    "<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>S<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Q<|END_OF_TURN_TOKEN|>"
    "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
]  # fmt: skip


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda p: p[:24])
def test_rendered_prompts(prompt: str) -> None:
    assert asked_in(prompt) == ("Q", "S")
    turns = rendered_turns(prompt + "A")
    assert turns is not None
    assert [turn["role"] for turn in turns][:2] == ["system", "user"]


@pytest.mark.parametrize("text", ["", "Q", "[INST] is a mark", "<|im_start|>user\nQ", "a < b [c]"])
def test_texts_that_no_template_rendered(text: str) -> None:
    assert asked_in(text) is None


@pytest.mark.parametrize(
    "unit",
    ["<think>", "</think>", "<think>\n", "x</think>", "`<think>` ", "`</think>", "```\n</think>\n",
     "<", "<|im_end|>", " ", "\n", '"</think>" ', "<answer>", "<think></think>\n", "**Final Answer**\n",
     "<tool_call>", "<analysis>", "<think a=", "<|channel|>analysis<|message|>", "<|start|>", "<|open|>think<|sep|>", "to=self<|message|>",
     "<|content_thinking|>", "assistantanalysis", "<|message_user|>", "</thinking>\n", "<|im_start|>user\n", "[INST]"],
)  # fmt: skip
def test_linear_time(unit: str) -> None:
    """Four times the hostile text takes about four times as long, not sixteen."""

    def run(size: int) -> Callable[[], object]:
        text = unit * (size // len(unit))
        return lambda: [
            split(whole)
            for whole in (text, "<think>" + text)
            for split in (split_tagged, split_heading, split_text.__wrapped__, rendered_turns)
        ]

    assert_linear(run, 100_000)
