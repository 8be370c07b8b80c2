"""Counting with a model's own tokenizer, where the person gives one.

``$COTSCOPE_TOKENIZER`` (``cotscope analyze --tokenizer``) holds one or more entries, separated by
the system's path separator (``:`` here, ``;`` on Windows) or by line breaks:

- ``FILE``: a ``tokenizer.json`` for every trace;
- ``MODEL=FILE``: for the traces of that model;
- ``auto``: for each model the ``tokenizer.json`` that lies in the local cache of Hugging Face
  under that model's name. Nothing is ever downloaded.

The library ``tokenizers`` (extra ``tokenizers``) is imported only when there is something to count.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.errors import UsageError

SETTING = "COTSCOPE_TOKENIZER"
AUTO = "auto"
MAX_FILE_BYTES = 200 * 1024 * 1024
_NOT_NAME = re.compile(r"[^\w.+-]+")
_SEPARATORS = re.compile(rf"[\n{re.escape(os.pathsep)}]")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the setting asks for."""

    default: Path | None = None
    by_model: tuple[tuple[str, Path], ...] = ()
    auto: bool = False


def choice(setting: str | None = None) -> Choice:
    """The setting, taken apart; ``None`` reads the environment.

    Raises ``UsageError`` for a file that is not there or too large to be a tokenizer.
    """
    text = os.environ.get(SETTING, "") if setting is None else setting
    return _choice(text)


@lru_cache(maxsize=16)
def _choice(text: str) -> Choice:
    default: Path | None = None
    by_model: list[tuple[str, Path]] = []
    auto = False
    for entry in (part.strip() for part in _SEPARATORS.split(text)):
        if not entry:
            continue
        if entry == AUTO:
            auto = True
            continue
        model, equals, name = entry.rpartition("=")
        if equals and not Path(entry).exists():
            by_model.append((_key(model), _file(name.strip())))
        else:
            default = _file(entry)
    return Choice(default, tuple(by_model), auto)


def _file(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        path = path / "tokenizer.json"
    if not path.is_file():
        raise UsageError(
            f"There is no tokenizer file {name}.",
            remedy="Give the tokenizer.json of the model, or the folder that it is in.",
        )
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UsageError(f"{name} is too large for a tokenizer.json.")
    return path.resolve()


def validate() -> None:
    """Load every tokenizer that is asked for by name, so that a bad one fails before any work.

    Raises ``UsageError``.
    """
    chosen = choice()
    for path in (chosen.default, *(path for _, path in chosen.by_model)):
        if path is not None:
            _count("", path)


def settings_hash() -> str:
    """What counts depend on: '' without a setting, else a hash of it and of the files' content."""
    text = os.environ.get(SETTING, "").strip()
    if not text:
        return ""
    chosen = choice(text)
    parts = [text, *(f"{m}={_sha256(p)}" for m, p in chosen.by_model)]
    if chosen.default:
        parts.append(_sha256(chosen.default))
    if chosen.auto:
        parts += [f"{name}={path}" for name, path in sorted(_cached().items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@lru_cache(maxsize=64)
def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def count(text: str, model: str | None) -> tuple[int, str] | None:
    """Tokens of ``text`` and ``'tokenizer:NAME'``; None where no tokenizer is for this model.

    Raises ``UsageError`` where the library is missing or the file is no tokenizer.
    """
    if not os.environ.get(SETTING):
        return None
    path = _path_for(choice(), model)
    return None if path is None else _count(text, path)


@lru_cache(maxsize=4)
def _count(text: str, path: Path) -> tuple[int, str]:
    # Several analyzers ask for the same text in turn.
    encoded = _load(path).encode(text, add_special_tokens=False)
    return len(encoded.ids), f"tokenizer:{_name(path)}"


def _path_for(chosen: Choice, model: str | None) -> Path | None:
    if model:
        key = _key(model)
        for name, path in chosen.by_model:
            if name == key:
                return path
        if chosen.auto and (found := _cached().get(key)):
            return found
    return chosen.default


def _key(model: str) -> str:
    """A model's name without its owner and case."""
    return model.strip().rsplit("/", 1)[-1].lower()


@lru_cache(maxsize=1)
def _cached() -> Mapping[str, Path]:
    """Models whose tokenizer.json lies in the local cache of Hugging Face."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    hub = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    found: dict[str, Path] = {}
    for folder in sorted(hub.glob("models--*")):
        files = sorted(folder.glob("snapshots/*/tokenizer.json"))
        if files:
            found.setdefault(folder.name.rsplit("--", 1)[-1].lower(), files[-1])
    return found


def _name(path: Path) -> str:
    """What a count is named after: the model in the path, or the file's folder or own name."""
    parts = [part for part in path.parts if part.startswith("models--")]
    if parts:
        name = parts[-1].removeprefix("models--").replace("--", "/", 1)
        return _NOT_NAME.sub("-", name.rsplit("/", 1)[-1])
    plain = path.parent.name if path.name == "tokenizer.json" else path.stem
    return _NOT_NAME.sub("-", plain or path.stem)[:60]


@lru_cache(maxsize=8)
def _load(path: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise UsageError(
            "Counting with a tokenizer needs the library 'tokenizers'.",
            remedy="Install it: pip install 'cotscope[tokenizers]'.",
        ) from error
    try:
        loaded = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # the library raises plain Exception for a bad file
        raise UsageError(f"{path.name} is no tokenizer.json: {error}"[:300]) from error
    loaded.no_truncation()
    loaded.no_padding()
    return loaded
