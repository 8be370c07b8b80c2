"""Attributes of tracing spans as one tree, whatever way they were written.

OTLP writes lists of key and typed value, SDKs write flat dotted keys (``llm.output_messages.0.message
.role``), others nest them, and any value may be JSON text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats import jsonvalue
from analysis.model import Rejected

_VALUES = ("stringValue", "boolValue", "intValue", "doubleValue", "bytesValue")
_DEPTH = 24
_WHOLE = "."
"""Where a value stands that also has parts below it; no step of a dotted key is a dot."""


def tree_of(attributes: Any) -> dict[str, Any]:
    """Attributes as nested objects and lists."""
    if isinstance(attributes, list):
        attributes = {
            item["key"]: _typed(item.get("value"), _DEPTH)
            for item in attributes
            if isinstance(item, dict) and isinstance(item.get("key"), str)
        }
    if not isinstance(attributes, dict):
        return {}
    found = _nested(attributes, _DEPTH)
    return found if isinstance(found, dict) else {str(i): v for i, v in enumerate(found)}


def _typed(value: Any, depth: int) -> Any:
    """A value of OTLP's AnyValue; integers are texts there."""
    if not isinstance(value, dict) or not depth:
        return value
    for name in _VALUES:
        if name in value:
            return value[name]
    if isinstance(inner := value.get("arrayValue"), dict):
        items = inner.get("values")
        return [_typed(item, depth - 1) for item in items] if isinstance(items, list) else []
    if isinstance(inner := value.get("kvlistValue"), dict):
        items = inner.get("values")
        pairs = items if isinstance(items, list) else []
        return {
            str(pair.get("key")): _typed(pair.get("value"), depth - 1)
            for pair in pairs
            if isinstance(pair, dict)
        }
    return value or None


def _nested(value: Any, depth: int) -> Any:
    """Dotted keys as nested objects; objects with keys 0, 1, 2 ... as lists."""
    if not depth:
        return value
    if isinstance(value, list):
        return [_nested(item, depth - 1) for item in value]
    if not isinstance(value, dict):
        return value
    tree: dict[str, Any] = {}
    for key, inner in value.items():
        steps = key.split(".", _DEPTH) if isinstance(key, str) else [str(key)]
        _put(tree, steps, _nested(inner, depth - 1))
    return _listed(tree, depth)


def _put(tree: dict[str, Any], steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        inner = tree.get(step)
        if not isinstance(inner, dict):
            inner = {} if inner is None else {_WHOLE: inner}
            tree[step] = inner
        tree = inner
    last = steps[-1]
    known = tree.get(last)
    if isinstance(known, dict) and isinstance(value, dict):
        for key, inner in value.items():
            _put(known, [key], inner)
    elif isinstance(known, dict):
        known[_WHOLE] = value
    elif known is None or not isinstance(value, dict):
        tree[last] = value
    else:
        tree[last] = {_WHOLE: known, **value}


def _listed(tree: dict[str, Any], depth: int) -> Any:
    """Objects all of whose keys are the positions of a list, from below."""
    if not depth:
        return tree
    done = {
        key: _listed(value, depth - 1) if isinstance(value, dict) else value
        for key, value in tree.items()
    }
    if done and all(key.isdigit() and len(key) < 6 for key in done):
        return [done[key] for key in sorted(done, key=int)]
    return done


def at(tree: Any, *path: str) -> Any:
    """The value at a path; of one that also has parts, the whole."""
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    if isinstance(tree, dict) and set(tree) == {_WHOLE}:
        return tree[_WHOLE]
    return tree


def whole(value: Any) -> Any:
    """A value that may be JSON text, opened; a text that is none stays."""
    if isinstance(value, dict) and _WHOLE in value:
        value = value[_WHOLE]
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        parsed = jsonvalue.parse(value.encode("utf-8", "replace"))
        return value if isinstance(parsed, Rejected) else parsed.value
    return value


def flatten(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The leaves of a tree under dotted keys; lists stay whole."""
    found: dict[str, Any] = {}
    pending: list[tuple[str, Any]] = [("", tree)]
    while pending:
        prefix, value = pending.pop()
        if isinstance(value, dict) and value:
            pending += [(_path(prefix, k), v) for k, v in value.items()]
        elif prefix:
            found[prefix] = value
    return found


def _path(prefix: str, key: str) -> str:
    if key == _WHOLE:
        return prefix
    return f"{prefix}.{key}" if prefix else key
