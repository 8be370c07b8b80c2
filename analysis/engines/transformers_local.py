"""A model of the transformers library in this process, on CPU or GPU.

Needs the extra ``transformers``. Weights are read from safetensors only and no code of a model
folder is ever run (``trust_remote_code`` stays off and cannot be turned on).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.engines.chat_template import template_arguments
from analysis.engines.local import LocalEngine
from analysis.engines.protocol import EngineError, EngineUnavailableError, Marks, Request, Sampling

EXTRA = 'Install the extra: pip install "cotscope[transformers]".'


def transformers_engine(
    model: str, *, device: str | None = None, dtype: str = "auto", marks: Marks | None = None
) -> LocalEngine:
    """A model by its hub name, folder or GGUF file. ``device`` None takes a GPU where there is one."""
    return LocalEngine(TransformersDecoder(model, device=device, dtype=dtype), marks)


class TransformersDecoder:
    """A causal model and its tokenizer."""

    kind = "transformers"

    def __init__(self, model: str, *, device: str | None = None, dtype: str = "auto") -> None:
        """Raises ``EngineUnavailableError`` where the library or the model cannot be loaded."""
        try:
            import torch
            import transformers
        except ImportError as error:
            raise EngineUnavailableError(
                "transformers and torch are not here.", remedy=EXTRA
            ) from error
        self._torch: Any = torch
        path = Path(model)
        self.model = path.name if path.exists() else model
        # Weights of a GGUF file are unpacked; a file of another kind is no model.
        file = {"gguf_file": path.name} if path.suffix == ".gguf" and path.is_file() else {}
        source = str(path.parent) if file else model
        self.version: str | None = transformers.__version__
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
                source, trust_remote_code=False, **file
            )
            loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(
                source, dtype=dtype, use_safetensors=True, trust_remote_code=False, **file
            )
            self._model = loaded.to(device).eval()
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            reason = str(error).strip().split("\n")[0][:300]
            raise EngineUnavailableError(
                f"The model {self.model!r} cannot be loaded: {reason}",
                remedy="Name a folder or hub model with safetensors that transformers knows.",
            ) from error
        self._device = device
        config = self._model.config.get_text_config()
        self.context: int = int(getattr(config, "max_position_embeddings", 4096) or 4096)
        generation = self._model.generation_config
        self.eos_ids: tuple[int, ...] = self._ends(generation)
        drawn = bool(generation.do_sample)
        self.defaults = Sampling(
            temperature=(generation.temperature or 1.0) if drawn else 0.0,
            top_p=generation.top_p if drawn else None,
            top_k=generation.top_k if drawn else None,
        )

    def _ends(self, generation: Any) -> tuple[int, ...]:
        found = generation.eos_token_id
        if found is None:
            found = self._tokenizer.eos_token_id
        if found is None:
            return ()
        return tuple(found) if isinstance(found, list | tuple) else (int(found),)

    def feed(self, ids: Sequence[int], cache: Any | None) -> tuple[Any, NDArray[np.float32]]:
        """The logits after ``ids``, and the cache that holds them."""
        torch = self._torch
        with torch.inference_mode():
            tensor = torch.tensor([list(ids)], device=self._device)
            out = self._model(
                input_ids=tensor, past_key_values=cache, use_cache=True, logits_to_keep=1
            )
            logits = out.logits[0, -1].float().cpu().numpy()
        return out.past_key_values, logits

    def fork(self, cache: Any) -> Any:
        """A copy of a cache."""
        return copy.deepcopy(cache)

    def crop(self, cache: Any, length: int) -> Any:
        """The cache with its first tokens only."""
        surplus = cache.get_seq_length() - length
        if surplus > 0:
            try:
                cache.crop(-surplus)  # version 5 takes how many to drop, as a negative number
            except (NotImplementedError, ValueError, AttributeError):
                return None  # a cache that cannot be cut (a sliding window): read anew
        return cache

    def encode(self, text: str) -> list[int]:
        """Token ids of a text; nothing is added."""
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        """Text of token ids, special tokens shown."""
        text: str = self._tokenizer.decode(
            list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        return text

    def render(self, request: Request) -> list[int]:
        """The request in the chat template of the model; its bare text where there is none."""
        if not self._tokenizer.chat_template:
            return list(
                self._tokenizer("\n\n".join(m.content for m in request.messages))["input_ids"]
            )
        turns = [{"role": m.role, "content": m.content} for m in request.messages]
        try:
            text = self._tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True, **template_arguments(request)
            )
        except Exception as error:  # a template raises what it likes
            raise EngineError(f"The chat template refused the question: {error}") from error
        return self.encode(text)

    def close(self) -> None:
        """Free the weights."""
        self._model = None
        if self._device.startswith("cuda"):
            self._torch.cuda.empty_cache()
