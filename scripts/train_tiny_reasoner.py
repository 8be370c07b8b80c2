"""Train the tiny reasoner that CoTScope ships: a Qwen3 model of 0.6 M weights that adds numbers.

    python scripts/train_tiny_reasoner.py OUT_FOLDER

Needs torch, transformers, tokenizers and safetensors; no download; ten minutes of one core. The weights
that come with CoTScope are what this command gave, as it stands; ``training.json`` beside them has the
versions, sha256, share of held-out sums that are right, and some answers, and the tests hold them to it.
The same versions on the same kind of processor give the same bytes; elsewhere floats may be summed in
another order. It learns to add two whole numbers of one to three digits, digit by digit, inside
``<think>``; three efforts by the system turn (low adds once, medium checks once, high checks twice; one
first sum in eight holds a slip, which a check finds, so sampled accuracy rises with effort); to answer at
once when its thinking is cut; to go on after "Wait"; and to look again when a second turn asks for it.

The sums of ``held_out`` are never trained on.
"""

# ruff: noqa: T201 - a script that tells how it goes; the draws are data, not secrets
from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen3Config, Qwen3ForCausalLM

Batch = tuple[torch.Tensor, torch.Tensor]
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
PIECES = r" ?[A-Za-z]+|[0-9]|[^A-Za-z0-9]"
VOCABULARY = 400
EFFORTS = ("low", "medium", "high")
MEASURED = 40
"""Held-out sums whose answers are recorded, at each effort."""
PLACES = ("Ones", "Tens", "Hundreds")
QUESTIONS = (
    "What is {a}+{b}?", "What is {a} + {b}?", "{a}+{b}", "{a} + {b} =", "{a}+{b}=", "{a} + {b}",
    "Add {a} and {b}.", "What is {a} plus {b}?", "Compute {a} + {b}.", "Calculate {a}+{b}.",
    "what is {a}+{b}", "How much is {a} + {b}?", "What is the sum of {a} and {b}?",
    "Please add {a} and {b}", "Find {a}+{b}.", "{a} plus {b}",
)  # fmt: skip
OPENINGS = ("Let me add {a}+{b}.", "Okay, I need {a}+{b}.", "I add {a}+{b}.")
RECHECKS = (
    "Are you sure?", "Please check your answer.", "Check your answer and correct it if it is wrong.",
    "Your answer is wrong. Try again.",
)  # fmt: skip
CHECKS = ("Wait, let me check.", "Let me double-check.", "Let me verify this.")
CHAT_TEMPLATE = (
    "{%- set effort = reasoning_effort if reasoning_effort else 'medium' -%}"
    "{{- '<|im_start|>system\\nReasoning: ' + effort + '<|im_end|>\\n' -}}"
    "{%- for message in messages if message.role != 'system' -%}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}"
    "{%- if enable_thinking is defined and enable_thinking is false -%}"
    "{{- '<think>\\n\\n</think>\\n\\n' -}}{%- endif -%}{%- endif -%}"
)


def held_out(a: int, b: int) -> bool:
    """True for the tenth of all pairs that training never sees."""
    return (a * 7919 + b * 104729) % 10 == 3


@dataclass(frozen=True, slots=True)
class Sample:
    """A text in parts; the loss is taken on those that are marked."""

    parts: tuple[tuple[str, bool], ...]


def steps_of(a: int, b: int, slip: str | None = None) -> tuple[str, int]:
    """The column addition as words, and the sum that it gives (wrong where it slips)."""
    digits = max(len(str(a)), len(str(b)))
    carry, total, told = 0, 0, []
    for place in range(digits):
        x, y = a // 10**place % 10, b // 10**place % 10
        value = x + y + carry
        sum_text = f"{x}+{y}" + (f"+{carry}" if carry else "")
        if slip == f"digit{place}":
            value += 1 if value % 10 < 9 else -1
        last = place == digits - 1
        line = f"{PLACES[place]}: {sum_text}={value}"
        carried = value // 10
        if not last:
            line += f", write {value % 10}" + (f", carry {carried}" if carried else "")
        told.append(line + ".")
        total += (value if last else value % 10) * 10**place
        carry = 0 if slip == f"carry{place}" else carried
    return " ".join(told), total


def slips_of(a: int, b: int) -> list[str]:
    """The slips that are possible in this sum."""
    digits = max(len(str(a)), len(str(b)))
    found = [f"digit{p}" for p in range(digits)]
    carry = 0
    for place in range(digits):
        carry = (a // 10**place % 10 + b // 10**place % 10 + carry) // 10
        if carry and place < digits - 1:
            found += [f"carry{place}"] * 2
    return found


def thinking(a: int, b: int, checks: int, rng: random.Random) -> tuple[list[str], int]:
    """The paragraphs of a trace, and the answer that it comes to."""
    slip = rng.choice(slips_of(a, b)) if rng.random() < 0.125 else None
    told, total = steps_of(a, b, slip)
    paragraphs = [f"{rng.choice(OPENINGS).format(a=a, b=b)} {told} So the sum is {total}."]
    for number in range(checks):
        again, checked = steps_of(a, b)
        lead = "Let me check again." if number else rng.choice(CHECKS)
        text = f"{lead} {again} That gives {checked}"
        if checked == total:
            text += ". Yes, it is right."
        else:
            text += f", not {total}. I made a mistake. So the sum is {checked}."
        total = checked
        paragraphs.append(text)
    return paragraphs, total


def prompt_of(turns: Sequence[tuple[str, str]], effort: str) -> str:
    """What the chat template writes."""
    body = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns)
    return f"<|im_start|>system\nReasoning: {effort}<|im_end|>\n{body}<|im_start|>assistant\n"


def draw_pair(rng: random.Random) -> tuple[int, int]:
    """Two numbers of one to three digits that are not held out."""
    while True:
        kind = rng.random()
        tops = (100, 100) if kind < 0.82 else (1000, 1000) if kind < 0.93 else (1000, 100)
        a, b = (rng.randrange(rng.choice((10, t)) if rng.random() < 0.1 else t) for t in tops)
        if rng.random() < 0.5:
            a, b = b, a
        if not held_out(a, b):
            return a, b


def draw_simple(rng: random.Random) -> Sample:
    """One text of the first third of training: a plain sum without slip or check."""
    a, b = draw_pair(rng)
    prompt = prompt_of([("user", rng.choice(QUESTIONS).format(a=a, b=b))], "low")
    told, total = steps_of(a, b)
    opening = rng.choice(OPENINGS).format(a=a, b=b)
    text = f"<think>\n{opening} {told} So the sum is {total}.\n</think>\n\nThe answer is {total}."
    return Sample(((prompt, False), (f"{text}<|im_end|>", True)))


def draw(rng: random.Random) -> Sample:
    """One training text."""
    a, b = draw_pair(rng)
    effort = rng.choice(EFFORTS)
    checks = EFFORTS.index(effort)
    question = rng.choice(QUESTIONS).format(a=a, b=b)
    turns = [("user", question)]
    kind = rng.random()
    if kind < 0.05:
        told = a + b if rng.random() < 0.5 else steps_of(a, b, rng.choice(slips_of(a, b)))[1]
        turns += [("assistant", f"The answer is {told}."), ("user", rng.choice(RECHECKS))]
        checks = max(1, checks)
    prompt = prompt_of(turns, effort)
    if 0.05 <= kind < 0.08:
        asked = (f"{prompt}<think>\n\n</think>\n\n", False)
        return Sample((asked, (f"The answer is {a + b}.<|im_end|>", True)))
    if 0.08 <= kind < 0.15:  # appended: "Wait", then on
        paragraphs, total = thinking(a, b, checks + 1, rng)
        lead, last = paragraphs[:-1], paragraphs[-1]
        cut = (last.index(".") if rng.random() < 0.5
               else len("Wait") if last.startswith("Wait") else last.index("."))  # fmt: skip
        first = "\n\n".join(lead)
        gap = rng.choice(("\n\n", "\n", " "))
        if rng.random() < 0.4:
            last = last.replace(last[: last.index(".")], "Wait", 1) if rng.random() < 0.5 else last
            cut = last.index(".") if not last.startswith("Wait.") else 4
        return Sample((
            (f"{prompt}<think>\n", False), (first, True), (gap + last[:cut], False),
            (f"{last[cut:]}\n</think>\n\nThe answer is {total}.<|im_end|>", True),
        ))  # fmt: skip
    paragraphs, total = thinking(a, b, checks, rng)
    text = "\n\n".join(paragraphs)
    if 0.15 <= kind < 0.25:  # cut short: the answer is what can be told from here
        text = text[: rng.randrange(len(text))]
        return Sample((
            (f"{prompt}<think>\n{text}\n</think>\n\nThe answer is", False),
            (f" {a + b}.<|im_end|>", True),
        ))  # fmt: skip
    return Sample(
        ((prompt, False), (f"<think>\n{text}\n</think>\n\nThe answer is {total}.<|im_end|>", True))
    )


def make_tokenizer(seed: int) -> Tokenizer:
    """A byte-level BPE whose pieces are words, single digits and single other characters."""
    rng = random.Random(seed)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PIECES), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIALS, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )  # fmt: skip
    texts = ("".join(part for part, _ in draw(rng).parts) for _ in range(4000))
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def check_template() -> None:
    """The chat template writes what training reads."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    sandbox = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    template = sandbox.from_string(CHAT_TEMPLATE)
    turns = [{"role": "user", "content": "1+2"}]
    made = template.render(messages=turns, add_generation_prompt=True, reasoning_effort="high")
    if made != prompt_of([("user", "1+2")], "high"):
        raise SystemExit(f"The chat template writes {made!r}.")


def make_model(size: int) -> Qwen3ForCausalLM:
    """The model with fresh weights."""
    config = Qwen3Config(
        vocab_size=size, hidden_size=128, intermediate_size=320, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, head_dim=32, max_position_embeddings=2048,
        tie_word_embeddings=True,
        initializer_range=0.08, bos_token_id=0, eos_token_id=2, pad_token_id=0,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
    )  # fmt: skip
    return Qwen3ForCausalLM(config)


def encode(tokenizer: Tokenizer, sample: Sample) -> tuple[list[int], list[int]]:
    """Token ids and labels (-100 where no loss is taken)."""
    ids: list[int] = []
    labels: list[int] = []
    for text, learned in sample.parts:
        found = tokenizer.encode(text).ids
        ids += found
        labels += found if learned else [-100] * len(found)
    return ids, labels


def batches(
    tokenizer: Tokenizer, rng: random.Random, size: int, source: Callable[[random.Random], Sample]
) -> Iterator[Batch]:
    """Batches of fresh samples without end; those of like length together, so little is padded."""
    while True:
        rows = sorted(
            (encode(tokenizer, source(rng)) for _ in range(size * 16)), key=lambda r: len(r[0])
        )
        groups = [rows[n : n + size] for n in range(0, len(rows), size)]
        rng.shuffle(groups)
        for group in groups:
            ids = torch.zeros(size, len(group[-1][0]), dtype=torch.long)
            labels = torch.full(ids.shape, -100)
            for n, (row, marks) in enumerate(group):
                ids[n, : len(row)] = torch.tensor(row)
                labels[n, : len(row)] = torch.tensor(marks)
            yield ids, labels


def train(
    model: Qwen3ForCausalLM, tokenizer: Tokenizer, given: argparse.Namespace, simple_steps: int
) -> None:
    """AdamW with a warm-up and a cosine; what is there is saved every hundred steps."""
    steps, size, seed = given.steps, given.batch, given.seed
    rng = random.Random(seed)
    peak, warm = given.rate, 30
    optimiser = torch.optim.AdamW(model.parameters(), lr=peak, betas=(0.9, 0.98), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda n: (
        min(1.0, (n + 1) / warm) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * n / steps)))
    ))  # fmt: skip
    model.train()
    began = time.process_time()
    # Plain sums first: they teach to copy and to add, on which the rest builds.
    simple = batches(tokenizer, rng, size, draw_simple)
    full = batches(tokenizer, rng, size, draw)
    for step in range(steps):
        ids, labels = next(simple if step < simple_steps else full)
        # right padding and a causal model: no mask is needed
        loss = model(input_ids=ids, labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 50 == 0 or step == steps - 1:
            spent = time.process_time() - began
            print(f"step {step:4d}  loss {loss.item():.4f}  {spent:.0f} CPU seconds", flush=True)
        if step % 100 == 99:
            save(model, tokenizer, given.out)


def answers(
    model: Qwen3ForCausalLM, tokenizer: Tokenizer, effort: str, count: int
) -> list[tuple[str, str, bool]]:
    """Held-out two-digit sums: the question, what greedy decoding answers, whether it is right."""
    rng = random.Random(99)
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count:
        a, b = rng.randrange(10, 100), rng.randrange(10, 100)
        if held_out(a, b):
            pairs.append((a, b))
    model.eval()
    found = []
    for a, b in pairs:
        question = f"What is {a}+{b}?"
        ids = tokenizer.encode(prompt_of([("user", question)], effort)).ids
        out = model.generate(torch.tensor([ids]), max_new_tokens=400, do_sample=False)
        text = tokenizer.decode(out[0, len(ids) :].tolist(), skip_special_tokens=False)
        said = text.rpartition("</think>")[2].removesuffix("<|im_end|>").strip()
        found.append((question, said, said == f"The answer is {a + b}."))
    return found


def record(model: Qwen3ForCausalLM, tokenizer: Tokenizer, given: argparse.Namespace) -> None:
    """Write ``training.json``: how the weights were made, and what they answer."""
    told = {effort: answers(model, tokenizer, effort, MEASURED) for effort in EFFORTS}
    shares = {effort: sum(right for *_, right in rows) / len(rows) for effort, rows in told.items()}
    for effort, share in shares.items():
        print(f"{effort}: {share:.1%} of held-out sums right")
    names = ("torch", "transformers", "tokenizers", "safetensors")
    files = ("model.safetensors", "tokenizer.json", "config.json", "tokenizer_config.json")
    about = {
        "made_by": "python scripts/train_tiny_reasoner.py OUT_FOLDER",
        "settings": {n: getattr(given, n) for n in ("steps", "batch", "rate", "seed")},
        "versions": {name: version(name) for name in names},
        "sha256": {n: hashlib.sha256((given.out / n).read_bytes()).hexdigest() for n in files},
        "held_out_sums": MEASURED,
        "held_out_right": shares,
        "answers": [[effort, *row[:2]] for effort, rows in told.items() for row in rows[:8]],
    }
    (given.out / "training.json").write_text(json.dumps(about, indent=1) + "\n")


def save(model: Qwen3ForCausalLM, tokenizer: Tokenizer, out: Path) -> None:
    """The folder in the layout of a model hub; bfloat16 weights."""
    out.mkdir(parents=True, exist_ok=True)
    state = {
        name: value.to(torch.bfloat16).contiguous()
        for name, value in model.state_dict().items()
        if name != "lm_head.weight"  # the embedding, tied
    }
    save_file(state, str(out / "model.safetensors"), metadata={"format": "pt"})
    config = json.loads(model.config.to_json_string(use_diff=False))
    keep = (
        "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "head_dim", "hidden_act", "max_position_embeddings", "rms_norm_eps",
        "tie_word_embeddings", "attention_bias", "bos_token_id", "eos_token_id", "pad_token_id",
    )  # fmt: skip
    small = {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "dtype": "bfloat16"}
    small |= {key: config[key] for key in keep if key in config}
    small |= {"rope_theta": 10000.0, "use_cache": True}
    (out / "model.safetensors").chmod(0o644)
    (out / "config.json").write_text(json.dumps(small, indent=1) + "\n")
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    names = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 2048, **names}
    settings["chat_template"] = CHAT_TEMPLATE
    (out / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    generation = {"do_sample": True, "temperature": 0.7, "eos_token_id": 2, "pad_token_id": 0}
    (out / "generation_config.json").write_text(json.dumps(generation, indent=1) + "\n")


def main() -> None:
    """Train, measure, save."""
    parser = argparse.ArgumentParser(description="Train the tiny reasoner.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    check_template()
    tokenizer = make_tokenizer(given.seed)
    model = make_model(tokenizer.get_vocab_size())
    print(f"{sum(p.numel() for p in model.parameters()):,} weights")
    train(model, tokenizer, given, given.steps // 4)
    save(model, tokenizer, given.out)
    model = model.to(torch.bfloat16).to(torch.float32)  # what is shipped is what is measured
    record(model, tokenizer, given)


if __name__ == "__main__":
    main()
