"""The tiny reasoner without torch: Qwen3 in numpy, with a cache, on the weights that come along.

It only adds numbers of one to three digits. The architecture is that of Qwen3 (grouped-query
attention with normed queries and keys, rotary positions, SwiGLU), so that the same folder runs in
transformers and vLLM; the tests hold its logits equal to those of transformers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import analysis
from analysis.engines.chat_template import render_template
from analysis.engines.local import LocalEngine
from analysis.engines.protocol import EngineUnavailableError, Marks, Request, Sampling
from analysis.engines.tiny_tokenizer import TinyTokenizer
from analysis.engines.weights import read_weights

NAME = "cotscope/tiny-reasoner"
Array = NDArray[np.float32]
_GROWTH = 128
"""Tokens by which a cache grows."""


def tiny_folder() -> Path:
    """Where the weights that come with CoTScope are: a model folder as on a hub."""
    return Path(str(resources.files("analysis.engines") / "tiny"))


def tiny_engine() -> LocalEngine:
    """The tiny reasoner, ready to be asked."""
    return LocalEngine(TinyDecoder(tiny_folder()), Marks(forced="\n</think>\n\n"))


@dataclass(slots=True)
class _Cache:
    """Keys and values of every layer: (layer, head, token, size); ``length`` tokens are filled."""

    keys: Array
    values: Array
    length: int = 0


@dataclass(frozen=True, slots=True)
class _Layer:
    norm_in: Array
    query: Array
    key: Array
    value: Array
    out: Array
    norm_query: Array
    norm_key: Array
    norm_mlp: Array
    gate: Array
    up: Array
    down: Array


class TinyDecoder:
    """A small dense Qwen3 in numpy. Its weights are never changed, so threads may share it."""

    kind = "tiny"
    model = NAME
    version: str | None = analysis.__version__
    defaults = Sampling(temperature=0.7, max_tokens=640)

    def __init__(self, folder: Path) -> None:
        """``folder`` holds config.json, tokenizer.json, tokenizer_config.json, model.safetensors."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") != "qwen3" or not config.get("tie_word_embeddings"):
            raise EngineUnavailableError(f"{folder.name} is no Qwen3 model with tied embeddings.")
        settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        self._template: str = settings["chat_template"]
        self._tokenizer = TinyTokenizer(folder / "tokenizer.json")
        self.context: int = config["max_position_embeddings"]
        self.eos_ids: tuple[int, ...] = (config["eos_token_id"],)
        self._heads: int = config["num_attention_heads"]
        self._shared: int = config["num_key_value_heads"]
        self._size: int = config["head_dim"]
        self._eps: float = config["rms_norm_eps"]
        weights = read_weights(folder / "model.safetensors")
        self._embedding = weights["model.embed_tokens.weight"]
        self._norm = weights["model.norm.weight"]
        count = config["num_hidden_layers"]
        self._layers = [_layer(weights, f"model.layers.{n}.") for n in range(count)]
        steps = np.arange(0, self._size, 2, dtype=np.float64) / self._size
        angles = np.outer(np.arange(self.context), 1.0 / config["rope_theta"] ** steps)
        self._cos = np.cos(np.concatenate([angles, angles], axis=1)).astype(np.float32)
        self._sin = np.sin(np.concatenate([angles, angles], axis=1)).astype(np.float32)

    def feed(self, ids: Sequence[int], cache: Any | None) -> tuple[_Cache, Array]:
        """The logits after ``ids``, and the cache grown by them."""
        own: _Cache = self._empty() if cache is None else cache
        hidden = self._forward(ids, own)
        own.length += len(ids)
        last = _normed(hidden[-1], self._norm, self._eps)
        return own, self._embedding @ last

    def all_logits(self, ids: Sequence[int]) -> Array:
        """The logits after each of ``ids``: (token, vocabulary)."""
        hidden = self._forward(ids, self._empty())
        return np.asarray(_normed(hidden, self._norm, self._eps) @ self._embedding.T)

    def fork(self, cache: Any) -> _Cache:
        """A copy of a cache."""
        return _Cache(cache.keys.copy(), cache.values.copy(), cache.length)

    def crop(self, cache: Any, length: int) -> _Cache:
        """The cache with its first tokens only."""
        cache.length = min(cache.length, length)
        return cache  # type: ignore[no-any-return]

    def encode(self, text: str) -> list[int]:
        """Token ids of a text."""
        return self._tokenizer.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of token ids."""
        return self._tokenizer.decode(ids)

    def render(self, request: Request) -> list[int]:
        """The request in the chat template of the model."""
        return self.encode(render_template(self._template, request))

    def close(self) -> None:
        """Nothing to let go of."""

    def _empty(self) -> _Cache:
        shape = (len(self._layers), self._shared, _GROWTH, self._size)
        return _Cache(np.empty(shape, np.float32), np.empty(shape, np.float32))

    def _forward(self, ids: Sequence[int], cache: _Cache) -> Array:
        past, count = cache.length, len(ids)
        _make_room(cache, past + count)
        hidden: Any = self._embedding[np.asarray(ids)]
        cos, sin = self._cos[past : past + count], self._sin[past : past + count]
        # token i of the new ones sees everything up to itself
        hidden_from = np.arange(past + count)[None, :] > np.arange(past, past + count)[:, None]
        for number, layer in enumerate(self._layers):
            normed = _normed(hidden, layer.norm_in, self._eps)
            query = self._rotated(normed @ layer.query.T, self._heads, layer.norm_query, cos, sin)
            key = self._rotated(normed @ layer.key.T, self._shared, layer.norm_key, cos, sin)
            value = (normed @ layer.value.T).reshape(count, self._shared, self._size)
            cache.keys[number, :, past : past + count] = key
            cache.values[number, :, past : past + count] = value.transpose(1, 0, 2)
            keys = cache.keys[number, :, : past + count]
            values = cache.values[number, :, : past + count]
            grouped = query.reshape(self._shared, -1, count, self._size)
            scores = grouped @ keys[:, None].transpose(0, 1, 3, 2) / np.float32(self._size**0.5)
            scores = np.where(hidden_from, np.float32(-np.inf), scores)
            mixed = (_softmax(scores) @ values[:, None]).reshape(self._heads, count, self._size)
            hidden = hidden + mixed.transpose(1, 0, 2).reshape(count, -1) @ layer.out.T
            normed = _normed(hidden, layer.norm_mlp, self._eps)
            gate = normed @ layer.gate.T
            hidden = hidden + (gate / (1 + np.exp(-gate)) * (normed @ layer.up.T)) @ layer.down.T
        result: Array = hidden
        return result

    def _rotated(self, flat: Array, heads: int, norm: Array, cos: Array, sin: Array) -> Array:
        """(token, all) to normed and turned (head, token, size)."""
        parts: Any = flat.reshape(len(flat), heads, self._size).transpose(1, 0, 2)
        parts = _normed(parts, norm, self._eps)
        half = self._size // 2
        turned = np.concatenate([-parts[..., half:], parts[..., :half]], axis=-1)
        result: Array = parts * cos + turned * sin
        return result


def _layer(weights: dict[str, Array], prefix: str) -> _Layer:
    names = (
        "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
        "self_attn.o_proj", "self_attn.q_norm", "self_attn.k_norm", "post_attention_layernorm",
        "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
    )  # fmt: skip
    return _Layer(*(weights[f"{prefix}{name}.weight"] for name in names))


def _make_room(cache: _Cache, length: int) -> None:
    missing = length - cache.keys.shape[2]
    if missing > 0:
        more = (-(-missing // _GROWTH)) * _GROWTH
        pad = ((0, 0), (0, 0), (0, more), (0, 0))
        cache.keys, cache.values = np.pad(cache.keys, pad), np.pad(cache.values, pad)


def _normed(values: Array, weight: Array, eps: float) -> Array:
    scale = np.sqrt((values * values).mean(axis=-1, keepdims=True) + np.float32(eps))
    normed: Array = values / scale * weight
    return normed


def _softmax(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Array = raised / raised.sum(axis=-1, keepdims=True)
    return shares
