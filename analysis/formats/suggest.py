"""A mapping that says what was recognised, for a person to correct, and paths to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from analysis import limits
from analysis.errors import UsageError
from analysis.formats.mapping import FieldMapping, rows_of
from analysis.formats.mapping_spec import EVERY, FIELDS, VERSION, VERSION_KEY
from analysis.formats.messages import role_of
from analysis.formats.preview import FieldReading, RecordPreview
from analysis.formats.record_path import (
    EACH,
    Last,
    Place,
    Step,
    leaves,
    locate,
    parse_path,
    path_text,
)

_ROLE_KEYS = ("role", "from", "type")
_LONG_TEXT = 40


def suggest_mapping(record: RecordPreview, name: str) -> FieldMapping | None:
    """The reading of a record as a mapping; None where it has no text at a place of its own.

    What stands at the same place of each sample becomes ``[*]``, a turn is named by its role.
    """
    if not record.traces:
        return None
    first = {f.field: f for f in record.traces[0].fields if f.field in FIELDS and f.path}
    second = {f.field: f for f in record.traces[1].fields} if len(record.traces) > 1 else {}
    if (effort := first.get("effort")) is not None and effort.how == "derived":
        del first["effort"]  # from the model's label, which a mapping looks at too
    rows, value = _rows(record.value, list(first.values()))
    if rows is not None:
        cut = 1 if rows == EVERY else len(parse_path(rows)) + 1
        first = {k: replace(f, path=_shorter(f.path, cut)) for k, f in first.items()}
        second = {k: replace(f, path=_shorter(f.path, cut)) for k, f in second.items()}
    paths = {k: _general(value, f, second.get(k)) for k, f in first.items()}
    reasoning, answer = first.get("reasoning"), first.get("answer")
    fields: dict[str, Any] = dict(paths)
    split: str | None = None
    derived = [f for f in (reasoning, answer) if f is not None and f.how == "derived"]
    if derived and len({f.path for f in (reasoning, answer) if f is not None}) == 1:
        fields.pop("reasoning", None)
        fields.pop("answer", None)
        fields["response"] = paths[derived[0].field]
        split = "heading" if "heading" in derived[0].note else "tags"
    spec: dict[str, Any] = {VERSION_KEY: VERSION, "name": name, "fields": fields}
    if split:
        spec["split"] = split
    if rows is not None:
        spec["rows"] = rows
    try:
        return FieldMapping.from_json(spec)
    except UsageError:
        return None  # no text of the model at a place of its own: nothing to begin from


def _rows(value: Any, fields: Sequence[FieldReading]) -> tuple[str | None, Any]:
    """The list that all fields stand in the first item of, and that item; or None and the record.

    A record that wraps one list of objects, or objects under the keys '0', '1', ...
    """
    places = [parse_path(f.path) for f in fields if f.path]
    starts = {place[0] for place in places}
    if len(starts) != 1 or not isinstance(value, dict):
        return None, value
    start = starts.pop()
    if all(isinstance(k, str) and k.isdigit() and isinstance(v, dict) for k, v in value.items()):
        return EVERY, value.get(start)
    rows = value.get(start) if isinstance(start, str) else None
    wrapped = isinstance(rows, list) and len(rows) > 0 and all(isinstance(r, dict) for r in rows)
    if wrapped and rows and role_of(rows[0]) is None and {p[1:2] for p in places} == {(0,)}:
        return path_text((str(start),)), rows[0]
    return None, value


def _shorter(path: str | None, cut: int) -> str | None:
    """A path without its first steps; None if nothing is left of it."""
    steps = parse_path(path)[cut:] if path else ()
    return path_text(steps) or None


def path_options(records: Sequence[RecordPreview], rows: str | None = None) -> list[str]:
    """Paths that stand in these records, those with the longest texts first; lists also as ``[*]``.

    ``rows``: the path under which a mapping looks for rows; the options then start at a row.
    """
    lengths: dict[str, int] = {}
    for value in _starts(records, rows):
        for place, found in leaves(value):
            size = len(found) if isinstance(found, str) else 0
            for option in _forms(value, place, found):
                lengths[option] = max(lengths.get(option, 0), size)
    ranked = sorted(lengths, key=lambda o: -lengths[o] if lengths[o] > _LONG_TEXT else 0)
    return ranked[: limits.PREVIEW_PATHS]


def _starts(records: Sequence[RecordPreview], rows: str | None) -> Iterator[Any]:
    """What paths start at: the records, or their rows."""
    for record in records:
        if rows is None:
            yield record.value
        elif isinstance(found := rows_of(record.value, rows), list):
            yield from found[: limits.PREVIEW_RECORDS]


def _forms(value: Any, place: Place, found: Any) -> list[str]:
    """How a place can be named: by role, for every item, and as it is."""
    general = _by_role(value, place)
    forms = [path_text(general)] if general != place else []
    at = next((i for i, step in enumerate(place) if isinstance(step, int)), None)
    if at is not None and (general == place or isinstance(found, str)):
        forms.append(path_text((*place[:at], EACH, *place[at + 1 :])))
    if at is None or place[at] == 0:
        forms.append(path_text(place))
    return forms


def _general(value: Any, field: FieldReading, other: FieldReading | None) -> str:
    """The path of the first sample as one that fits all samples and other records."""
    path = str(field.path)
    steps = parse_path(path)
    if other is not None and other.path and other.path != path:
        beside = parse_path(other.path)
        differ = [
            i for i, pair in enumerate(zip(steps, beside, strict=False)) if pair[0] != pair[1]
        ]
        if len(steps) == len(beside) and len(differ) == 1 and steps[differ[0]] == 0:
            at = differ[0]
            return path_text((*steps[:at], EACH, *steps[at + 1 :]))
    place = tuple(step for step in steps if isinstance(step, str | int))
    return path_text(_by_role(value, place))


def _by_role(value: Any, place: Place) -> tuple[Step, ...]:
    """``messages[2].content`` as ``messages[role=user].content``, where that is the same turn."""
    for at, step in enumerate(place):
        if not isinstance(step, int):
            continue
        turn = locate(value, place[: at + 1])
        if turn is None or not isinstance(turn[1], dict):
            continue
        for key in _ROLE_KEYS:
            role = turn[1].get(key)
            if not isinstance(role, str) or not role or len(role) > _LONG_TEXT:
                continue
            named: tuple[Step, ...] = (*place[:at], Last(key, role), *place[at + 1 :])
            again = locate(value, named)
            if again is not None and again[0] == place and _readable(named):
                return named
    return place


def _readable(steps: tuple[Step, ...]) -> bool:
    try:
        return parse_path(path_text(steps)) == steps
    except UsageError:
        return False
