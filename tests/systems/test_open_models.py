"""Raw texts of today's open models, one row for each family of marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.systems.support import Case, Rows, differences, lines

Q = "Is 91 prime?"
R = "Seven times thirteen is 91, so it is not."
A = "No: 91 = 7 × 13."
PLAIN = {
    "question": Q,
    "reasoning": R,
    "answer": A,
    "truncated": False,
    "reasoning_kind": "visible",
}
CUT = {
    "question": Q,
    "reasoning": R,
    "answer": None,
    "truncated": True,
    "codes": {"missing_closer"},
}
OPENED = {**PLAIN, "codes": {"missing_opener"}}
NO_THOUGHT = {"reasoning": None, "answer": A, "truncated": False, "reasoning_kind": "none"}


def texts(model: str, *pairs: tuple[str, Mapping[str, Any]]) -> Case:
    """Rows of one model; every trace holds the text it was split from."""
    return lines(
        *(
            (
                {"prompt": Q, "model": model, "output": text},
                {"raw_response": text, **want, "model": model},
            )
            for text, want in pairs
        )
    )


HARMONY_CALL = (
    f"<|channel|>analysis<|message|>{R}<|end|><|start|>assistant<|channel|>commentary<|message|>I look it up.<|end|>"
    "<|start|>assistant to=functions.factor<|channel|>commentary <|constrain|>json<|message|>{\"n\": 91}<|call|>"
    "<|start|>functions.factor to=assistant<|channel|>commentary<|message|>[7, 13]<|end|>"
    f"<|start|>assistant<|channel|>analysis<|message|>As I said.<|end|><|start|>assistant<|channel|>final<|message|>{A}<|return|>"
)  # fmt: skip
CALL = '<tool_call>\n{"name": "factor", "arguments": {"n": 91}}\n</tool_call>'

CASES: dict[str, Case] = {
    "gpt-oss": texts(
        "gpt-oss-20b",
        (f"<|channel|>analysis<|message|>{R}<|end|><|start|>assistant<|channel|>final<|message|>{A}<|return|>",
         {**PLAIN, "split_method": "channel"}),
        (HARMONY_CALL, {**PLAIN, "reasoning": f"{R}\n\nAs I said.", "codes": {"tool_call_in_text", "text_between_blocks"}}),
        (f"<|channel|>analysis<|message|>{R}", CUT),
        (f"analysis{R}assistantfinal{A}", {**PLAIN, "codes": {"channel_residue"}}),
        (f"analysis{R}assistantcommentary to=functions.factor json{{\"n\": 91}}assistantfinal{A}",
         {**PLAIN, "codes": {"channel_residue", "tool_call_in_text"}}),
        (f"{R}<|end|><|start|>assistant<|channel|>final<|message|>{A}<|return|>", OPENED),
        ("<|start|>system<|message|>You are ours.\nReasoning: high\n<|end|><|start|>user<|message|>Is 91 prime, then?<|end|>"
         f"<|start|>assistant<|channel|>analysis<|message|>{R}<|end|><|start|>assistant<|channel|>final<|message|>{A}",
         {"reasoning": R, "answer": A, "effort": "high", "effort_source": "system_prompt", "codes": {"rendered_template"}}),
    ),
    "Qwen3": texts(
        "Qwen/Qwen3-8B",
        (f"<think>\n{R}\n</think>\n\n{A}", PLAIN),
        (f"<think>\n\n</think>\n\n{A}", NO_THOUGHT),
        (f"<think>\n{R}", {**CUT}),
        (f"<think>\n{R}\n{CALL}", {**PLAIN, "answer": None, "codes": {"missing_closer"}}),
        (f"<think>\n{R}\n</think>\n\n{A}\n{CALL}", {**PLAIN, "codes": {"tool_call_in_text"}}),
        (f"<|im_start|>assistant\n<think>\n{R}\n</think>\n\n{A}<|im_end|>\n", PLAIN),
    ),
    "Magistral": texts(
        "mistralai/Magistral-Small-2509",
        (f"[THINK]{R}[/THINK]{A}</s>", PLAIN),
        (f"<think>\n{R}\n</think>\n{A}", PLAIN),
        (f"[THINK]{R}", CUT),
    ),
    "GLM": texts(
        "zai-org/GLM-4.5",
        (f"\n<think>{R}</think>\n{A}<|user|>", PLAIN),
        (f"<think>{R}</think>\n{A}\n<tool_call>factor\n<arg_key>n</arg_key>\n<arg_value>91</arg_value>\n</tool_call><|observation|>",
         {**PLAIN, "codes": {"tool_call_in_text"}}),
        (f"<think></think>\n{A}", NO_THOUGHT),
    ),
    "Kimi": texts(
        "moonshotai/Kimi-VL-A3B-Thinking",
        (f"◁think▷{R}◁/think▷{A}", PLAIN),
        (f"<think>{R}</think>{A}<|im_end|>", PLAIN),
        (f"<think>{R}<|tool_calls_section_begin|><|tool_call_begin|>functions.factor:0", {**PLAIN, "answer": None}),
        (f"<|open|>think<|sep|>{R}<|close|>think<|sep|><|open|>response<|sep|>{A}<|close|>response<|sep|><|end_of_msg|>",
         {**PLAIN, "split_method": "channel"}),
        (f"{R}<|close|>think<|sep|><|open|>response<|sep|>{A}<|close|>response<|sep|>", OPENED),
        (f"{A}<|close|>response<|sep|>", NO_THOUGHT),
    ),
    "MiniMax": texts(
        "MiniMaxAI/MiniMax-M2",
        (f"{R}\n</think>\n\n{A}", OPENED),
        (f"<think>\n{R}\n<minimax:tool_call>\n<invoke name=\"factor\">", {**PLAIN, "answer": None}),
        (f"<mm:think>{R}</mm:think>{A}", PLAIN),
        (f"</mm:think>\n{A}", NO_THOUGHT),
    ),
    "Nemotron": Case(
        (
            {"input": [{"role": "system", "content": "detailed thinking on"}, {"role": "user", "content": Q}],
             "output": f"<think>\n{R}\n</think>\n\n{A}", "generator": "Llama-3.3-Nemotron-Super-49B-v1"},
            {"messages": [{"role": "system", "content": "/no_think"}, {"role": "user", "content": Q},
                          {"role": "assistant", "content": A}], "model": "NVIDIA-Nemotron-Nano-9B-v2"},
            {"prompt": Q, "llm": "nemotron-nano", "thinking": "", "output": f"<think>\n{R}", "finish_reason": "length"},
        ),
        (
            {**PLAIN, "system_prompt": "detailed thinking on", "effort": "on", "effort_source": "system_prompt"},
            {**NO_THOUGHT, "effort": "off", "effort_source": "system_prompt"},
            CUT,
        ),
    ),
    "Phi-4": texts(
        "microsoft/Phi-4-reasoning-plus",
        (f"<think>{R}</think>{A}<|im_end|>", PLAIN),
        (f"<|im_start|>assistant<|im_sep|><think>\n{R}\n</think>\n\n{A}", PLAIN),
    ),
    "Granite": texts(
        "ibm-granite/granite-3.2-8b-instruct",
        (f"Here is my thought process:\n{R}\n\nHere is my response:\n{A}", {**PLAIN, "split_method": "prose_marker"}),
        (f"Here's my thought process:\n{R}\n\nHere's my response:\n{A}<|end_of_text|>", PLAIN),
        (f"<think>{R}</think><response>{A}</response>", PLAIN),
        (f"Here is my thought process:\n{R}", CUT),
    ),
    "EXAONE": texts(
        "LGAI-EXAONE/EXAONE-Deep-7.8B",
        (f"<thought>\n{R}\n</thought>\n\n{A}[|endofturn|]", PLAIN),
        (f"[|assistant|]<think>\n{R}\n</think>\n\n{A}", PLAIN),
        (f"{R}\n</thought>\n{A}", OPENED),
    ),
    "Seed-OSS": texts(
        "ByteDance-Seed/Seed-OSS-36B-Instruct",
        (f"<seed:think>\n{R}\n</seed:think>\n{A}<seed:eos>", PLAIN),
        (f"<seed:think>\n{R}\n<seed:tool_call>\n<function=factor>", {**PLAIN, "answer": None}),
    ),
    "Hunyuan": texts(
        "tencent/Hunyuan-A13B-Instruct",
        (f"<think>\n{R}\n</think>\n<answer>\n{A}\n</answer>", PLAIN),
        (f"<think>\n\n</think>\n<answer>\n{A}\n</answer>", NO_THOUGHT),
        (f"<think:6124c78e>{R}</think:6124c78e>{A}", PLAIN),
        (f"<think:6124c78e>{R}</think:6124c78e><answer:6124c78e>{A}</answer:6124c78e>", PLAIN),
    ),
    "ERNIE": texts(
        "baidu/ERNIE-4.5-21B-A3B-Thinking", (f"{R}\n</think>\n\n<response>\n{A}\n</response>\n", OPENED)
    ),
    "OLMo 3": texts("allenai/Olmo-3-7B-Think", (f"{R}</think>{A}", OPENED), (f"<think>{R}</think>{A}", PLAIN)),
    "Step 3": texts("stepfun-ai/step3", (f"{R}\n</think>\n{A}", OPENED), (f"<think>\n{R}", CUT)),
    "Gemma 4": texts(
        "google/gemma-4-12b", (f"<|channel>thought\n{R}<channel|>{A}<turn|>", PLAIN), (f"<|channel>thought\n{R}", CUT)
    ),
    "Apertus": texts(
        "swiss-ai/Apertus-70B", (f"<|assistant_start|><|inner_prefix|>{R}<|inner_suffix|>{A}<|assistant_end|>", PLAIN)
    ),
    "Cohere Command": texts(
        "command-a-reasoning",
        (f"<|START_THINKING|>{R}<|END_THINKING|><|START_RESPONSE|>{A}<|END_RESPONSE|>", PLAIN),
        (f"<|START_THINKING|>{R}<|END_THINKING|><|START_TEXT|>{A}<|END_TEXT|><|END_OF_TURN_TOKEN|>", PLAIN),
        (f"<|START_THINKING|>{R}<|END_THINKING|><|START_ACTION|>[]<|END_ACTION|>", {**PLAIN, "answer": None}),
    ),
    "PLaMo": texts(
        "pfnet/plamo-3", (f"<|plamo:begin_think:plamo|>{R}<|plamo:end_think:plamo|>{A}", PLAIN)
    ),
    "K2": texts(
        "LLM360/K2-Horizon",
        (f"<ifm|think>{R}</ifm|think>{A}<|ifm|im_end|>", {**PLAIN, "effort": "high", "effort_source": "tag"}),
        (f"<ifm|think_fast>{R}</ifm|think_fast>{A}", {**PLAIN, "effort": "medium"}),
        (f"<ifm|think_faster>\n</ifm|think_faster>{A}", {**NO_THOUGHT, "effort": "low"}),
        (f"<think_fast>{R}</think_fast>{A}", {**PLAIN, "effort": "medium"}),
    ),
    "Inkling": texts(
        "inkling",
        (f"<|content_thinking|>{R}<|end_message|><|message_model|><|content_text|>{A}<|end_message|><|content_model_end_sampling|>",
         {**PLAIN, "split_method": "channel"}),
        (f"<|content_thinking|>{R}", CUT),
    ),
    "Muse": texts(
        "muse-glimmer",
        (f" to=self<|message|>{R}<|eom|><|start|>assistant to=user<|message|>{A}<|eot|>", {**PLAIN, "split_method": "channel"}),
        (f" to=self<|message|>{R}", CUT),
    ),
    "Marco-o1": texts(
        "AIDC-AI/Marco-o1", (f"<Thought>\n{R}\n</Thought>\n<Output>\n{A}\n</Output>", PLAIN)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
