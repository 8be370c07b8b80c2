"""Faults of the library of the index, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import StoreError, StoreFullError, StoreLockedError, UsageError


def locked() -> StoreLockedError:
    """What a second writer is told."""
    return StoreLockedError(
        "The search index is being updated right now.", remedy="Try again when that has ended."
    )


def guard(function: Any, *arguments: Any, **named: Any) -> Any:
    """Call tantivy; a panic of it (which is no ``Exception``) becomes a ``ValueError``."""
    try:
        return function(*arguments, **named)
    except Exception:
        raise
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise ValueError(f"panic: {error}") from error
        raise


@contextmanager
def faults(path: Path | None) -> Iterator[None]:
    """tantivy's faults (all ``ValueError``) in our words."""
    try:
        yield
    except (ValueError, OSError) as error:
        text = str(error)
        low = text.lower()
        if "lockbusy" in low or "failed to acquire lock" in low:
            raise locked() from error
        if "no space left" in low or "quota" in low or "file too large" in low:
            raise StoreFullError(
                f"The disk that holds {path} is full.",
                remedy="The database itself is untouched. Free some space and search again.",
            ) from error
        if "expan" in low or "too many" in low:
            raise UsageError(
                "Too many words begin like this.", remedy="Write more letters before the *."
            ) from error
        raise StoreError(
            f"The search index {path} cannot be used ({text.splitlines()[0][:200] if text else ''}).",
            remedy="It holds nothing of its own: delete this folder, and it is made anew.",
        ) from error
