"""Arrow batches as JSON objects; nothing is lost where JSON has no type for a value."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from typing import Any

from analysis.model import Rejected, Warning_

Found = tuple[dict[str, Any], Rejected | None, tuple[Warning_, ...]]
"""The object of a row, or why there is none, and what had to be repaired."""


class Columns:
    """How the columns of a schema become values."""

    def __init__(self, schema: Any) -> None:
        """``schema``: a ``pyarrow.Schema``; a name that stands twice gets a number."""
        names: list[str] = []
        for name in schema.names:
            copy, unique = 1, name
            while unique in names:
                copy += 1
                unique = f"{name} ({copy})"
            names.append(unique)
        self._names = names
        self._types = [_texts_for(field.type) for field in schema]
        self._plain = [_is_plain(target) for target in self._types]

    def objects(self, batch: Any) -> Iterator[Found]:
        """One object for each row of a batch of this schema."""
        try:
            columns = [self._column(batch, number) for number in range(len(self._names))]
        except (ValueError, OverflowError, NotImplementedError):
            if batch.num_rows == 1:
                yield {}, self._reason(batch), ()
                return
            for row in range(batch.num_rows):  # only the bad rows are lost
                yield from self.objects(batch.slice(row, 1))
            return
        for row in range(batch.num_rows):
            repairs = _Repairs()
            value = {
                name: found[row] if plain else repairs.value(found[row])
                for name, plain, found in zip(self._names, self._plain, columns, strict=True)
            }
            yield value, None, repairs.notes()

    def _column(self, batch: Any, number: int) -> list[Any]:
        column, target = batch.column(number), self._types[number]
        if column.type != target:
            try:
                column = column.cast(target)
            except NotImplementedError:  # pyarrow's ArrowNotImplementedError: no such cast
                self._plain[number] = False
        found: list[Any] = column.to_pylist()
        return found

    def _reason(self, batch: Any) -> Rejected:
        for number, name in enumerate(self._names):
            try:
                self._column(batch, number)
            except UnicodeDecodeError:
                return Rejected(
                    "invalid_utf8", f"Column {name[:60]!r} holds text that is not UTF-8."
                )
            except (ValueError, OverflowError, NotImplementedError) as error:
                detail = str(error).split("\n", 1)[0][:200]
                return Rejected("bad_value", f"Column {name[:60]!r} cannot be read: {detail}.")
        return Rejected("bad_value", "The row cannot be read.")


def _texts_for(kind: Any) -> Any:
    """The Arrow type to turn a type into: text for what neither JSON nor Python holds exactly."""
    import pyarrow as pa
    from pyarrow import types

    if isinstance(kind, pa.BaseExtensionType):
        return _texts_for(kind.storage_type) if kind.extension_name != "arrow.uuid" else kind
    if types.is_temporal(kind) and not types.is_interval(kind):
        return pa.int64() if types.is_duration(kind) else pa.string()
    if types.is_decimal(kind):
        return pa.string()
    if types.is_struct(kind):
        return pa.struct([field.with_type(_texts_for(field.type)) for field in kind])
    if types.is_map(kind):
        return pa.map_(_texts_for(kind.key_type), _texts_for(kind.item_type))
    if types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_texts_for(kind.value_type)))
    if types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_texts_for(kind.value_type)))
    return kind


def _is_plain(kind: Any) -> bool:
    """True if Python's values of a type are JSON's as they are."""
    from pyarrow import types

    if types.is_struct(kind):
        return all(_is_plain(field.type) for field in kind)
    if types.is_list(kind) or types.is_large_list(kind):
        return _is_plain(kind.value_type)
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_integer(kind)
        or types.is_boolean(kind)
        or types.is_null(kind)
    )


class _Repairs:
    """Turns the values of a row into JSON's and remembers what could not stay."""

    def __init__(self) -> None:
        self._infinite = False

    def notes(self) -> tuple[Warning_, ...]:
        if not self._infinite:
            return ()
        return (Warning_("non_finite", "an infinite number was read as null"),)

    def value(self, value: Any) -> Any:
        """A value of Arrow as one of JSON."""
        if isinstance(value, float):
            self._infinite = self._infinite or math.isinf(value)
            return value if math.isfinite(value) else None
        if value is None or isinstance(value, str | int):
            return value
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            if value and all(isinstance(item, tuple) for item in value):
                return self._map(value)
            return [self.value(item) for item in value]
        if isinstance(value, bytes):
            return _text_of(value)
        return str(value)

    def _map(self, pairs: list[tuple[Any, Any]]) -> Any:
        """A map as an object; as a list of pairs where its keys are no unique texts."""
        keys = [key for key, _ in pairs]
        if all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys):
            return {key: self.value(item) for key, item in pairs}
        return [[self.value(part) for part in pair] for pair in pairs]


def _text_of(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(data).decode("ascii")
