"""The JSON form of a mapping: what may stand in it, and errors that say what to mend."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from analysis import limits
from analysis.errors import UsageError
from analysis.formats.fields import CONVERT
from analysis.formats.record_path import EACH, parse_path
from analysis.model import ReasoningKind

VERSION = 1
VERSION_KEY = "cotscope_mapping"
TEXT_FIELDS = ("question", "system_prompt", "reasoning", "answer", "response")
"""Fields that hold text as it stands; 'response' is one text that holds reasoning and answer."""
FIELDS = (*TEXT_FIELDS, "reasoning_kind", *CONVERT)
"""Every field that a mapping may fill, in the order in which it is written."""
RULES = ("tags", "heading", "none", "markers")
EVERY = "*"
"""As 'rows': every value of the record is a row."""
_KEYS = (VERSION_KEY, "name", "rows", "fields", "split")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")
_MARK_CHARS = 200
_KINDS = tuple(str(kind) for kind in ReasoningKind)


@dataclass(frozen=True, slots=True)
class Splitting:
    """How 'response' is told apart.

    By the known 'tags', at a '**Final Answer**' 'heading', not at all ('none'), or by 'markers'.
    """

    rule: str = "tags"
    open: str = ""
    """Empty: the reasoning starts with the text."""
    close: str = ""


def check_name(name: object) -> str:
    """A name that a mapping can be saved under. Raises ``UsageError``."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(
            f"{str(name)[:60]!r} is no name for a mapping.",
            remedy="Use 1 to 60 letters, digits, spaces, dots, hyphens or underscores.",
        )
    return name


def read_json(data: bytes, what: str) -> Any:
    """The JSON of a mapping file. Raises ``UsageError`` when it is none."""
    if len(data) > limits.MAX_MAPPING_BYTES:
        raise UsageError(
            f"{what} has {len(data):,} bytes; a mapping has at most {limits.MAX_MAPPING_BYTES:,}.",
            remedy="Is it a trace file? Those are given without --mapping.",
        )
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UsageError(
            f"{what} is not JSON: {error}.", remedy='It should begin {"cotscope_mapping": 1, ...'
        ) from None


@dataclass(frozen=True, slots=True)
class Spec:
    """A mapping that was checked."""

    name: str
    sources: dict[str, dict[str, Any]]
    """Field -> {'path': ...} or {'constant': ...}."""
    split: Splitting
    rows: str | None


def parse_spec(spec: Any, name: str | None) -> Spec:
    """Check the JSON form of a mapping. Raises ``UsageError``."""
    if not isinstance(spec, dict):
        raise UsageError(
            "A mapping is a JSON object.", remedy='Write {"cotscope_mapping": 1, ...}.'
        )
    for key in spec:
        if key not in _KEYS:
            raise UsageError(
                f"A mapping has no key {key[:60]!r}.",
                remedy=_nearest(key, _KEYS) + " Fields of a trace stand under 'fields'.",
            )
    version = spec.get(VERSION_KEY)
    if version != VERSION or isinstance(version, bool):
        raise UsageError(
            f"{VERSION_KEY!r} is {version!r}; this CoTScope reads version {VERSION}.",
            remedy=f'Write "{VERSION_KEY}": {VERSION}, or upgrade cotscope.',
        )
    stated = check_name(name if name is not None else spec.get("name"))
    fields = spec.get("fields")
    if not isinstance(fields, dict):
        raise UsageError(
            "'fields' must be an object.", remedy='Write "fields": {"answer": "path"}.'
        )
    sources: dict[str, dict[str, Any]] = {}
    for key in fields:
        if key not in FIELDS:
            raise UsageError(f"There is no field {key[:60]!r}.", remedy=_nearest(key, FIELDS))
    for key in FIELDS:
        if fields.get(key) is not None:
            sources[key] = _source(key, fields[key])
    _check_texts(sources)
    if "split" in spec and spec["split"] is not None and "response" not in sources:
        raise UsageError(
            "'split' is for the field 'response', which this mapping does not have.",
            remedy="Remove 'split', or give 'response' the path of the text to tell apart.",
        )
    return Spec(stated, sources, _splitting(spec.get("split")), _rows(spec.get("rows")))


def spec_json(spec: Spec) -> dict[str, Any]:
    """The JSON form, in the order of ``FIELDS``."""
    sources, split = spec.sources, spec.split
    fields = {
        key: sources[key]["path"]
        if sources[key].get("path") is not None
        else {"constant": sources[key]["constant"]}
        for key in FIELDS
        if key in sources
    }
    found: dict[str, Any] = {VERSION_KEY: VERSION, "name": spec.name}
    if spec.rows is not None:
        found["rows"] = spec.rows
    found["fields"] = fields
    if "response" in sources:
        marks = {"open": split.open, "close": split.close}
        found["split"] = marks if split.rule == "markers" else split.rule
    return found


def _source(key: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            parse_path(value)
        except UsageError as error:
            raise UsageError(f"fields.{key}: {error.message}", remedy=error.remedy) from None
        return {"path": value}
    if not isinstance(value, dict) or list(value) != ["constant"]:
        raise UsageError(
            f"fields.{key} must be a path, a constant or null.",
            remedy='Write "response.text", {"constant": "low"} or null.',
        )
    return {"constant": _constant(key, value["constant"])}


def _constant(key: str, value: Any) -> str | int | float | bool:
    if not isinstance(value, str | int | float | bool) or (
        isinstance(value, str) and len(value) > limits.MAX_MAPPING_CONSTANT_CHARS
    ):
        raise UsageError(
            f"fields.{key}: a constant is a short text, a number, true or false.",
            remedy="Give the path of the value instead.",
        )
    if key in ("reasoning", "answer", "response"):
        raise UsageError(
            f"fields.{key}: what a model wrote cannot be a constant.",
            remedy="Give the path of the text.",
        )
    if key == "reasoning_kind" and value not in _KINDS:
        raise UsageError(f"fields.{key} cannot be {value!r}.", remedy=f"Use: {', '.join(_KINDS)}.")
    if key in CONVERT and CONVERT[key](value) is None:
        raise UsageError(
            f"fields.{key} cannot be {str(value)[:60]!r}.",
            remedy="Use a value of that kind (a number, true or false, a time), or null.",
        )
    return value


def _check_texts(sources: Mapping[str, Any]) -> None:
    if not {"reasoning", "answer", "response"} & sources.keys():
        raise UsageError(
            "The mapping names no text of the model.",
            remedy="Give 'reasoning' and 'answer' a path, or 'response' if one text holds both.",
        )
    other = next((key for key in ("reasoning", "answer") if key in sources), None)
    if "response" in sources and other:
        raise UsageError(
            f"'response' and {other!r} cannot both be given: 'response' is told apart into both.",
            remedy=f"Remove 'response', or {other!r}.",
        )


def _splitting(value: Any) -> Splitting:
    if value is None:
        return Splitting()
    if value in ("tags", "heading", "none"):
        return Splitting(str(value))
    marks_of = value if isinstance(value, dict) and value.keys() <= {"open", "close"} else {}
    opening, closing = marks_of.get("open", ""), marks_of.get("close")
    if not isinstance(opening, str) or not isinstance(closing, str) or not closing.strip():
        raise UsageError(
            '\'split\' must be "tags", "heading", "none", or a pair with a closing mark.',
            remedy='Write {"open": "<plan>", "close": "</plan>"}; "open" may be empty.',
        )
    if max(len(opening), len(closing)) > _MARK_CHARS or opening == closing:
        raise UsageError(
            f"The marks of 'split' must differ and have at most {_MARK_CHARS} characters each.",
            remedy='If the reasoning starts with the text, leave "open" empty.',
        )
    return Splitting("markers", opening if opening.strip() else "", closing)


def _rows(value: Any) -> str | None:
    if value is None or value == EVERY:
        return None if value is None else EVERY
    try:
        steps = parse_path(value) if isinstance(value, str) else ()
    except UsageError as error:
        raise UsageError(f"rows: {error.message}", remedy=error.remedy) from None
    if not steps or EACH in steps:
        raise UsageError(
            "'rows' must be the path of the list that holds the rows of a record.",
            remedy='Write "results", or "*" where every value of the record is a row.',
        )
    return str(value)


def _nearest(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    found = f"Did you mean {near[0]!r}? " if near else ""
    return f"{found}Use: {', '.join(known)}."
