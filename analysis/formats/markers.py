"""The marks that models put around their reasoning and their answers, as data.

To add a family, add a row: ``docs/adding_a_format.md``. Sources: the model cards and the reasoning
parsers of the serving engines (vLLM, SGLang), as listed in ``docs/formats.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Pair:
    """An opening and a closing mark, as regular expressions that start with a literal."""

    name: str
    open: str
    close: str
    spoken: bool = True
    """The marks may also be quoted in prose and code (``<think>``); special tokens may not."""
    prose: bool = False
    """Ordinary words: they count only when the text begins with the opening mark."""
    prompted: bool = False
    """Tags that a prompt asks for; they count only when the text begins with the opening one."""
    effort: str | None = None
    """The effort that the mark itself tells."""
    led: bool = False
    """Marks of a page, which mean something else elsewhere."""

    @property
    def leads(self) -> bool:
        """True where only an opening mark at the start of the text counts."""
        return self.prose or self.prompted or self.led


def alternation(sources: Iterable[tuple[str, str]]) -> str:
    """One regular expression with a named group for each (name, expression).

    Expressions with the same first character share it, which lets ``re`` skip to that character:
    some forty times faster than a plain alternation.
    """
    sources = tuple(sources)
    grouped: dict[str, list[str]] = {}
    for name, source in sources:
        first = source[:2] if source[0] == "\\" else source[0]
        grouped.setdefault(first, []).append(f"(?P<{name}>{source[len(first) :]})")
    return "|".join(
        f"{first}{_ahead(sources, first)}(?:{'|'.join(rests)})" for first, rests in grouped.items()
    )


def _ahead(sources: Iterable[tuple[str, str]], first: str) -> str:
    """A look at the second character: most of what begins like a mark is none."""
    seconds = {
        re.match(r"\\?.", source[len(first) :]) for _, source in sources if source.startswith(first)
    }
    chars = {match.group() if match else "" for match in seconds}
    plain = all(c[-1:].isalpha() or c in ("/", "\\|", "\\[") for c in chars) and "\\s" not in chars
    return f"(?=[{''.join(sorted(chars))}])" if plain else ""


_SUFFIX = r"(?::[0-9a-zA-Z]{4,32})?"
"""Hunyuan appends a hash to its tags: ``<think:6124c78e>``."""
_ATTRIBUTES = r"(?:\s+\w{1,20}=[^<>\n]{0,60})?"


def _xml(name: str, *, tail: str = "", label: str = "", **more: Any) -> Pair:
    """``<name>`` to ``</name>``, with white space, attributes and an optional suffix."""
    opener, closer = rf"<{name}{tail}{_ATTRIBUTES}\s*>", rf"</{name}{tail}\s*>"
    return Pair(label or name, opener, closer, **more)


REASONING = (
    _xml("think", tail=_SUFFIX),  # R1, QwQ, Qwen3, GLM, Phi-4, ERNIE, ...; hy_v3: a suffix
    _xml("thinking"),
    _xml("thought"),  # EXAONE Deep; Marco-o1, OpenO1: <Thought>
    _xml("reasoning"),
    _xml("seed:think"),
    Pair("escaped", r"&lt;think(?:ing)?&gt;", r"&lt;/think(?:ing)?&gt;"),  # written for a page
    _xml("mm:think"),
    _xml("longcat_think"),
    Pair(
        "details",  # Open WebUI shows reasoning so; each line is quoted
        r'<details type="reasoning"[^<>]{0,120}>(?:\s*<summary>[^<>]{0,120}</summary>)?',
        r"</details>",
        led=True,
    ),
    _xml("think_fast", effort="medium"),  # K2: the tag tells the effort
    _xml("think_faster", effort="low"),
    _xml(r"ifm\|think", effort="high", label="ifm|think"),
    _xml(r"ifm\|think_fast", effort="medium", label="ifm|think_fast"),
    _xml(r"ifm\|think_faster", effort="low", label="ifm|think_faster"),
    Pair("thinking fence", r":::thinking[ \t]*\n", r"\n:::[ \t]*(?=\n|\Z)", led=True),  # LibreChat
    Pair("[THINK]", r"\[THINK\]", r"\[/THINK\]"),
    Pair("kimi", r"◁think▷", r"◁/think▷", spoken=False),
    Pair("begin_of_thought", r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>", spoken=False),
    Pair("cohere", r"<\|START_THINKING\|>", r"<\|END_THINKING\|>", spoken=False),
    Pair("gemma", r"<\|channel>thought\s", r"<channel\|>", spoken=False),
    Pair("s1", r"<\|im_start\|>think\b", r"<\|im_start\|>answer\b", spoken=False),
    Pair("plamo", r"<\|plamo:begin_think:plamo\|>", r"<\|plamo:end_think:plamo\|>", spoken=False),
    Pair(
        "granite",
        r"Here(?:['’]s| is) my thought process:",
        r"Here(?:['’]s| is) my response:",
        prose=True,
    ),
    Pair("inner", r"<\|inner_prefix\|>", r"<\|inner_suffix\|>", spoken=False),
    _xml("thoughts", prompted=True),
    _xml("reason", prompted=True),
    _xml("scratchpad", prompted=True),
    _xml("analysis", prompted=True),
    _xml("rationale", prompted=True),
    _xml("cot", prompted=True),
    _xml("chain_of_thought", prompted=True),
    _xml("inner_monologue", prompted=True),
    _xml("inner_thoughts", prompted=True),
    _xml("reasoning_process", prompted=True),
    _xml("antThinking", prompted=True),
)

ANSWER = (
    _xml("answer", tail=_SUFFIX),
    _xml("response", tail=_SUFFIX),
    _xml("Output"),
    _xml("final_answer"),
    _xml("solution"),
    Pair("begin_of_solution", r"<\|begin_of_solution\|>", r"<\|end_of_solution\|>", spoken=False),
    Pair("cohere", r"<\|START_RESPONSE\|>", r"<\|END_RESPONSE\|>", spoken=False),
    Pair("cohere_text", r"<\|START_TEXT\|>", r"<\|END_TEXT\|>", spoken=False),
)

TOOL_SPECIALS = (
    "<minimax:tool_call>", "<mm:tool_call>", "<seed:tool_call>", "<ifm|tool_calls>", "<|tool_calls_section_begin|>",
    "<|tool_call_begin|>", "<|tool_call|>", "<|tool_call>", "<｜tool▁calls▁begin｜>", "<｜tool_calls_begin｜>", "<｜DSML｜",
    "<|START_ACTION|>", "<|python_tag|>", "<|action_start|>", "<|tools_prefix|>", "[TOOL_CALLS]", "<TOOLCALL>",
)  # fmt: skip
"""What begins a tool call wherever it stands: special tokens, which nobody writes in prose."""

TOOL_WORDS = ("<tool_call>", "<tool_calls>", "<function_calls>", "<atem:function_calls>")
"""What begins a tool call at the start of a line, or right before its JSON."""

LEAD = re.compile(
    r"(?:\s|<\|im_start\|>(?!think\b|answer\b)(?:assistant)?|<\|im_sep\|>|<\|start_header_id\|>assistant<\|end_header_id\|>"
    r"|<\|(?:assistant|begin_of_text|assistant_start|CHATBOT_TOKEN|START_OF_TURN_TOKEN|message_model|ifm\|im_start)\|>"
    r"|<｜Assistant｜>|<｜begin▁of▁sentence｜>|<start_of_turn>model|<\|turn>model|\[\|assistant\|\]|\[/INST\]"
    r"|<seed:bos>(?:assistant)?|<s>|<bos>)*+",
)
"""What a chat template leaves before the text of a reply."""

TAIL = re.compile(
    r"(?:\s|<\|(?:im_end|endoftext|eot_id|end_of_text|return|end|eom_id|eot|eom|user|observation|end_of_turn"
    r"|assistant_end|END_OF_TURN_TOKEN|content_model_end_sampling|end_message|end_of_msg|ifm\|im_end|tool_response)\|>"
    r"|</s>|<eos>|<end_of_turn>|<turn\|>|<｜end▁of▁sentence｜>|<｜User｜>|\[\|endofturn\|\]|<seed:eos>|<SPECIAL_1[12]>)*+\Z"
)
"""What a chat template leaves after it."""

TAIL_CHARS = 400
"""How far from the end the template's rest is looked for."""

HEADING = re.compile(r"\*\*Final Answer:?\*\*:?[ \t]*", re.MULTILINE | re.IGNORECASE)
"""The heading that untagged reasoning models (QwQ-Preview, LIMO, RedStar) end with."""

PREFILLS = re.compile(
    r"deepseek-r1|deepseek-reasoner|r1-distill|r1-0528|qwq-32b(?!-preview)|qwen3-.*thinking|skywork-or1"
    r"|light-r1|openthinker|deepscaler|deepcoder|acereason|nemotron.*reason|marin-think|glm-z1|minimax-m[12]"
    r"|olmo-3.*think|exaone-deep|step-?3|gpt-oss|k2-(?:think|horizon)|polaris-|phi-4-mini-reasoning",
    re.IGNORECASE,
)
"""Models whose chat template opens the reasoning itself, so that a cut reply holds no mark."""

UNMARKED = re.compile(r"qwq-32b-preview|qwq.*preview|redstar|\blimo\b", re.IGNORECASE)
"""Models that write one text without marks: all of it is reasoning."""

SUMMARISED = re.compile(r"(?:^|/)(?:o[134](?:-|$)|gpt-5|gemini-(?:2\.5|[3-9]))", re.IGNORECASE)
"""Models whose provider shows a summary in place of the reasoning."""
