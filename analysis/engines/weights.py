"""Reading ``model.safetensors`` into numpy. Only the format's header and numbers are read: no code.

The library `safetensors` gives no bfloat16 to numpy, and comes with an extra; the layout is eight
bytes of length, a JSON header and the numbers (https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.engines.protocol import EngineUnavailableError

MAX_HEADER = 16 * 1024 * 1024
_TYPES = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2")}


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Every tensor of the file as float32. Raises ``EngineUnavailableError`` for a damaged file."""
    data = path.read_bytes()
    try:
        size = int.from_bytes(data[:8], "little")
        if not 2 <= size <= min(MAX_HEADER, len(data) - 8):
            raise ValueError("the header is cut off")
        header = json.loads(data[8 : 8 + size])
        body = memoryview(data)[8 + size :]
        return {
            name: _tensor(body, entry) for name, entry in header.items() if name != "__metadata__"
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineUnavailableError(
            f"{path.name} cannot be read as safetensors ({error}).", remedy="Fetch the file again."
        ) from error


def _tensor(body: memoryview, entry: dict[str, object]) -> NDArray[np.float32]:
    kind, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]  # type: ignore[misc]
    dtype = _TYPES[str(kind)]
    if not 0 <= start <= end <= len(body):  # type: ignore[has-type]
        raise ValueError("a tensor lies outside of the file")
    numbers = np.frombuffer(body[start:end], dtype=dtype).reshape(shape)  # type: ignore[has-type,call-overload]
    if kind == "BF16":
        return (numbers.astype(np.uint32) << 16).view(np.float32)  # type: ignore[no-any-return]
    return numbers.astype(np.float32)  # type: ignore[no-any-return]
