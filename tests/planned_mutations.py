"""Records like a given one, with other values: what a file of many such records holds."""

from __future__ import annotations

import random
from typing import Any

from analysis.formats import passages
from analysis.formats.numbers import number_kind
from analysis.formats.outline import word_kind

PASSAGES = (
    "The two numbers have to sum to twelve, so one of them is seven and the other one is five.",
    "Wait, that would give 3 < 2, which cannot be; so let us check $a[i] + b[0]$ once more instead.",
    "Wir rechnen das noch einmal nach: sieben und fünf sind zwölf, also stimmt das Ergebnis doch.",
    "我们再检查一遍：七加五等于十二，所以答案是十二，没有别的可能。" * 3,
    "  Okay, so first I add the numbers.\n\nThen I check: `x = 7` and `y = 5`, in code as it stands.\n",
    "\nOkay, so first I add the numbers and I find that their sum is twelve, as it has to be. ",
)
WORDS = (
    "node-17",
    "kestrel-7b",
    "q1042",
    "an-id",
    "Lisbon",
    "x + y",
    "\\frac{1}{2}",
    "(1, 2)",
    "heron",
)
DIGITS = ("17", "204", "1042", "99")
NASTY = (
    "<think>\nFirst I add the two numbers and then I check the sum.\n</think>\n\nThe sum is twelve.",
    "<think>First I add the two numbers and then I check the sum.</think>The sum is twelve, so 12.",
    "First I add the two numbers and then I check the sum.\n</think>\n\nThe sum is twelve, as asked.",
    "<think>\nFirst I add the two numbers, and I never come to an end of it, since the text is cut",
    "The tag `<think>` opens the reasoning and `</think>` closes it; write them around what you think.",
    "```\n<think>\n```\nThis is what a template writes, and here comes nothing else but an answer.",
    "<answer>12</answer>", "<think>r</think><answer>12</answer>", "**Final Answer**\n12",
    "I add the numbers and find twelve, after which I check it again and again, to be sure.\n\n**Final Answer**\n\n12",
    "<|begin_of_thought|>\nI add.\n<|end_of_thought|>\n<|begin_of_solution|>\n12\n<|end_of_solution|>",
    "analysisI add the two numbers.assistantfinalThe sum is twelve, so the answer is 12 and no other.",
    "Here's my thought process: I add the two numbers. Here's my response: the sum is twelve, so 12.",
    "A conversation between User and Assistant. The user asks. User: how much is 7 + 5? Assistant: <think>",
    "<|im_start|>user\nHow much is 7 + 5?<|im_end|>\n<|im_start|>assistant\n",
    "How much is 7 + 5? Answer in one word, please, and do not explain it at all. /no_think",
    "◁think▷I add.◁/think▷Twelve.", "[THINK]I add.[/THINK]Twelve.", "<｜User｜>x<｜Assistant｜><think>",
    '{"reasoning_content": "I add.", "content": "12"}', '[{"role": "user", "content": "7 + 5?"}]', "[1, 2]",
    "none", "null", "nan", "true", "yes", "no", "correct", "0", "1", "1.0", "2.5", "-3", "1e5", "1_000", "1,234",
    "٣", "20240101", "2026-01-02T03:04:05Z", "2026-01-02", "1760000000", "low", "high", "on", "off", "o3-mini-high",
    "gpt-5", "QwQ-32B-Preview", "deepseek-r1", "vllm/heron", "user", "assistant", "system", "length", "stop",
    "", " ", "\n", "a", "attachment://x", "1234567", "00012", "inf", "Infinity",
)  # fmt: skip
NUMBERS = (
    2,
    3,
    7,
    15,
    64,
    90,
    300,
    1_024,
    70_000,
    1_760_000_000,
    1_760_000_000_000,
    0.25,
    0.75,
    3.5,
    17.125,
    -0.5,
)
ODD = (0, 1, -1, 1.0, 0.0, -0.0, 2.0, 12.0, 2**31, 2**63, 1e300, -2.0, -5, True, False, None)


def mutated(value: Any, rng: random.Random, odd: float) -> Any:
    """The value with its free texts and numbers drawn anew; ``odd`` is the share of values that
    may mean something to a reader."""
    return _mutated(value, "", rng, odd)


def _mutated(node: Any, key: str, rng: random.Random, odd: float) -> Any:
    if isinstance(node, dict):
        if node.get("role") == "system" and not odd:
            return node  # files have few system prompts
        return {k: _mutated(v, k, rng, odd) for k, v in node.items()}
    if isinstance(node, list):
        return [_mutated(v, key, rng, odd) for v in node]
    if rng.random() < odd and (key not in _FIXED or rng.random() < 0.2):
        return rng.choice(
            (*NASTY, *PASSAGES, *WORDS) if isinstance(node, str) else (*ODD, *NUMBERS)
        )
    if key in _FIXED or node is None or isinstance(node, bool):
        return node
    return _like(node, rng)


_FIXED = frozenset(("role", "type", "from", "object", "finish_reason", "effort"))


def _like(node: Any, rng: random.Random) -> Any:
    """Another value of the same kind: passages for passages, words for words."""
    if isinstance(node, int | float):
        known = [
            n for n in NUMBERS if type(n) is type(node) and number_kind(n) == number_kind(node)
        ]
        return rng.choice(known) if known else node
    if len(node) < 3:
        return node
    if passages.plain(node) is not None and len(node) >= 61:
        return rng.choice(PASSAGES) + rng.choice(("", "", str(rng.randrange(1000))))
    if node.isdigit():
        return rng.choice(DIGITS)
    words = [word for word in WORDS if word_kind(word) == word_kind(node)]
    return rng.choice(words) + rng.choice(("", "7", "b")) if words else node
