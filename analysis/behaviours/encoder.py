"""A small pre-trained encoder with a label for each sentence: what teaches the model that ships.

MiniLM-L6 (Wang et al., arXiv 2002.10957; ``sentence-transformers/all-MiniLM-L6-v2``, 22 million parameters,
Apache-2.0) reads windows of whole sentences. A sentence is the mean of its tokens and the separator
behind it; beside them stand what the rules and the numbers say of it. The three upper layers are
fine-tuned. Needs torch, transformers and tokenizers; nothing that ships imports this.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from analysis.behaviours.labels import LABELS
from analysis.behaviours.model import F32

WINDOW = 256
"""Tokens that are read at a time."""
MAX_SENTENCE, HEAD, TAIL = 112, 72, 24
"""Of a sentence with more tokens only the first and the last are read."""
MAX_CHARS = 1200
EPOCHS, BATCH, RATE, HEAD_RATE = 2, 16, 1.5e-4, 2e-3
WARM_UP, DROPOUT, DECAY, SIDE = 0.06, 0.1, 0.01, 0.3
TRAINED_LAYERS = 3
MAIN_LABELS = 3
"""The first labels count whole, the others less."""
OTHERS_WEIGHT = 0.3
RARE = 0.3
"""A window with a sentence of a main label (of this probability) is read in every epoch, others at times."""
_CLS, _SEP = 101, 102


@dataclass(slots=True)
class Text:
    """The sentences of one trace: token ids, what is known of each, and (in training) its labels."""

    ids: list[list[int]]
    known: F32
    target: F32
    weight: F32
    keep: float
    """The chance that a window without a main label is read in an epoch."""


class Encoder:
    """The encoder and its two heads."""

    def __init__(self, folder: Path, width: int, seed: int = 0) -> None:
        """``folder``: the published model. ``width``: how many numbers are known of a sentence."""
        from transformers import AutoModel

        torch.manual_seed(seed)
        self._random = random.Random(seed)
        self._body: Any = AutoModel.from_pretrained(str(folder), add_pooling_layer=False)
        frozen = [self._body.embeddings, *self._body.encoder.layer[:-TRAINED_LAYERS]]
        for part in frozen:
            part.requires_grad_(False)
        size = self._body.config.hidden_size
        self._drop = torch.nn.Dropout(DROPOUT)
        self._head = torch.nn.Linear(2 * size, len(LABELS))
        self._side = torch.nn.Linear(width, len(LABELS))
        torch.nn.init.zeros_(self._head.weight)
        torch.nn.init.zeros_(self._side.weight)
        torch.nn.init.constant_(self._head.bias, -2.0)

    def fit(self, texts: Sequence[Text], report: Any = print) -> None:
        """Fine-tune on labelled texts."""
        heads = [*self._head.parameters(), *self._side.parameters()]
        trained = [p for p in self._body.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(
            [{"params": trained, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}],
            weight_decay=DECAY,
        )
        plan = [batch for _ in range(EPOCHS) for batch in self._epoch(texts)]
        self._train(True)
        for step, items in enumerate(plan):
            done = step / len(plan)
            share = min(1.0, done / WARM_UP) * (1 - done)
            for group, rate in zip(optimizer.param_groups, (RATE, HEAD_RATE), strict=True):
                group["lr"] = rate * share
            found = self._forward(items)
            target = torch.from_numpy(np.concatenate([t.target[w] for t, w in items]))
            weight = torch.from_numpy(np.concatenate([t.weight[w] for t, w in items]))
            losses = torch.nn.functional.binary_cross_entropy_with_logits(
                found, target, reduction="none"
            )
            loss = (losses * weight).sum() / 60 / len(items)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*trained, *heads], 1.0)
            optimizer.step()
            if step % 25 == 0:
                report(f"step {step} of {len(plan)}: loss {loss.item():.3f}")
        self._train(False)

    def log_odds(self, text: Text) -> F32:
        """For each sentence (row) and label (column)."""
        out = np.zeros((len(text.ids), len(LABELS)), np.float32)
        windows = list(_windows(text.ids))
        with torch.no_grad():
            for low in range(0, len(windows), 8):
                items = [(text, window) for window in windows[low : low + 8]]
                out[np.concatenate([w for _, w in items])] = self._forward(items).numpy()
        return out

    def _train(self, on: bool) -> None:
        self._body.train(on)
        self._drop.train(on)

    def _epoch(self, texts: Sequence[Text]) -> list[list[tuple[Text, NDArray[np.int64]]]]:
        """Windows in batches of like length, in an order of their own."""
        chosen = []
        for text in texts:
            for window in _windows(text.ids, self._random.randint(40, WINDOW)):
                main = text.target[window, :MAIN_LABELS] * (text.weight[window, :MAIN_LABELS] > 0)
                if main.max() > RARE or self._random.random() < text.keep:
                    chosen.append((text, window))
        self._random.shuffle(chosen)
        batches = []
        for low in range(0, len(chosen), BATCH * 20):
            some = sorted(chosen[low : low + BATCH * 20], key=lambda item: _length(*item))
            part = [some[i : i + BATCH] for i in range(0, len(some), BATCH)]
            self._random.shuffle(part)
            batches += part
        return batches

    def _forward(self, items: Sequence[tuple[Text, NDArray[np.int64]]]) -> Any:
        """Log-odds of the sentences of some windows, one after another."""
        width = max(_length(text, window) for text, window in items)
        ids = np.zeros((len(items), width), np.int64)
        mask = np.zeros((len(items), width), np.int64)
        tokens, owners, ends, count = [], [], [], 0
        for row, (text, window) in enumerate(items):
            ids[row, 0] = _CLS
            at = 1
            for sentence in window.tolist():
                own = text.ids[sentence]
                ids[row, at : at + len(own)] = own
                tokens.append(np.arange(row * width + at, row * width + at + len(own)))
                owners.append(np.full(len(own), count))
                at += len(own)
                ids[row, at] = _SEP
                ends.append(row * width + at)
                at += 1
                count += 1
            mask[row, :at] = 1
        state = self._body(
            input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)
        ).last_hidden_state
        state = state.reshape(-1, state.shape[-1])
        owner = torch.from_numpy(np.concatenate(owners))
        mean = torch.zeros(count, state.shape[-1])
        mean = mean.index_add(0, owner, state[torch.from_numpy(np.concatenate(tokens))])
        size = torch.bincount(owner, minlength=count).clamp(min=1)[:, None]
        known = torch.from_numpy(np.concatenate([text.known[window] for text, window in items]))
        read = torch.cat([mean / size, state[torch.tensor(ends)]], dim=1)
        return self._head(self._drop(read)) + self._side(known) * SIDE


def token_ids(folder: Path, sentences: Sequence[str]) -> list[list[int]]:
    """The tokens of each sentence; of a long one its beginning and its end."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    read = [sentence.strip()[:MAX_CHARS] for sentence in sentences]
    found = [e.ids for e in tokenizer.encode_batch(read, add_special_tokens=False)]
    return [ids if len(ids) <= MAX_SENTENCE else ids[:HEAD] + ids[-TAIL:] for ids in found]


def _length(text: Text, window: NDArray[np.int64]) -> int:
    return 1 + sum(len(text.ids[i]) + 1 for i in window.tolist())


def _windows(ids: Sequence[Sequence[int]], first: int = WINDOW) -> Iterator[NDArray[np.int64]]:
    """Runs of whole sentences of at most ``WINDOW`` tokens; the first run of at most ``first``."""
    limit, size = first, 1
    low = 0
    for index, own in enumerate(ids):
        if index > low and size + len(own) + 1 > limit:
            yield np.arange(low, index)
            low, size, limit = index, 1, WINDOW
        size += len(own) + 1
    if low < len(ids):
        yield np.arange(low, len(ids))
