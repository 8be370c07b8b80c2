"""Every word that the code of the readers names: a value that is one of them may mean something.

A short text such as ``node-17`` can stand for any other of its kind, ``assistant`` cannot. Which
words those are follows from the readers themselves: the constants of their code and their tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

_PACKAGE = "analysis.formats."
_LONGEST = 60


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """The words, in lower case without the space around them; longer ones than 60 are left out."""
    found: set[str] = set()
    seen: set[int] = set()
    for name, module in list(sys.modules.items()):
        if name.startswith(_PACKAGE):
            for value in vars(module).values():
                _gather(value, found, seen)
    words = {part for text in found for part in (text, *text.split())}
    return frozenset(word.strip().lower() for word in words if 0 < len(word) <= _LONGEST)


def _gather(value: Any, found: set[str], seen: set[int]) -> None:
    if isinstance(value, str):
        found.add(value)
        return
    if isinstance(value, int | float | ModuleType) or value is None or id(value) in seen:
        return
    seen.add(id(value))
    inner: Iterable[Any] = ()
    if isinstance(value, Mapping):
        inner = (*value.keys(), *value.values())
    elif isinstance(value, tuple | list | set | frozenset):
        inner = value
    elif isinstance(value, CodeType):
        inner = value.co_consts
    elif isinstance(value, FunctionType):
        inner = (value.__code__,)
    elif isinstance(value, type) and value.__module__.startswith(_PACKAGE):
        inner = tuple(vars(value).values())
    elif hasattr(value, "__wrapped__"):
        inner = (value.__wrapped__,)
    for part in inner:
        _gather(part, found, seen)
