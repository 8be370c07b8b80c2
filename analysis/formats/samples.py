"""Records that hold several responses: lists of samples side by side, and wrappers around rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.formats.aliases import (
    ALIASES,
    KNOWN_NAMES,
    MESSAGE_KEYS,
    REASONING_KEYS,
    RESPONSE_KEYS,
    SAMPLE_LISTS,
)
from analysis.formats.fields import names_of, snake
from analysis.formats.groups import grouped_rows, keyed_texts, numbered_rows
from analysis.formats.messages import are_steps, is_messages, role_of
from analysis.formats.notes import stated_around
from analysis.formats.part import Part
from analysis.formats.preferences import labelled_steps, preference
from analysis.formats.split import has_marks
from analysis.formats.tables import (
    by_temperature,
    holds_ids,
    id_rows,
    keyed_samples,
    split_row,
    table_rows,
)

_REASONING_LISTS = (
    *REASONING_KEYS, *(f"{name}s" for name in REASONING_KEYS), "thinking_list", "reasoning_list", "chains_of_thought",
)  # fmt: skip
"""Lists of reasoning texts; they count where no list of responses stands beside them."""
_SINGULAR = {
    "code_list": "extracted_answer",
    "graded_list": "correct",
    "token_usages": "usage",
    "api_metadata": "usage",
    "usages": "usage",
    "correctness_math_verify": "correctness_math_verify",
    "correctness_llama": "correctness_llama",
    "chains_of_thought": "reasoning",
    "token_counts": "completion_tokens",
    "is_corrects": "correct",
    "accuracies": "correct",
    "replies": "reply",
    "latencies": "latency",
}
_SCALARS = frozenset(name for names in ALIASES.values() for name in names)
_PARALLEL = _SCALARS | {*REASONING_KEYS, *RESPONSE_KEYS, "completion_tokens_details", "usage"}
_NEVER_PARALLEL = frozenset((*MESSAGE_KEYS, *ALIASES["question"], *ALIASES["gold_answer"]))

_WRAPPERS = (
    "results", "data", "records", "rows", "samples", "traces", "items", "examples", "instances",
    "responses", "completions", "generations", "details", "logs", "entries", "outputs", "rollouts", "attempts",
    "candidates", "runs", "trials", "predictions", "answers",
)  # fmt: skip
_SAID_ALONE = frozenset((*REASONING_KEYS, *RESPONSE_KEYS))
SAID = frozenset((*REASONING_KEYS, *RESPONSE_KEYS, *MESSAGE_KEYS, "answer", "solution", "text"))
_NO_ROWS = frozenset(
    (*MESSAGE_KEYS, *REASONING_KEYS, *ALIASES["question"], "choices", "tools", "tool_calls", "steps", "segments", "spans",
     "sections", "probes", "history", "reasoning_details", "thinking_blocks", "content", "output", "few_shot", "shots")
)  # fmt: skip
"""Lists of objects that are parts of one response or of what was asked."""
_MEASURED = frozenset(
    name for field in ("correct", "score", "extracted_answer", "completion_tokens", "reasoning_tokens",
                       "prompt_tokens", "latency_s", "cost", "finish_reason") for name in ALIASES[field]
)  # fmt: skip
"""What a wrapper says of all its rows together holds for none of them alone."""


def sample_rows(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """One row for each sample of a record with parallel lists; None if it has none.

    ``{"prompt": .., "output": [a, b], "thinking": [c, d], "finish_reason": [e, f]}`` holds two
    responses. A list counts as parallel if it has as many items and a name that says so.
    """
    if (rows := preference(value) or by_temperature(value) or labelled_steps(value)) is not None:
        return rows
    if not any(isinstance(v, list) for v in value.values()):
        return None
    names = names_of(value)
    if (talks := _conversations(value, names)) is not None:
        return talks
    key = (
        next((names[n] for n in SAMPLE_LISTS if n in names and _is_samples(value[names[n]])), None)
        or _reasoning_list(value, names)
        or _marked_list(value)
    )
    if key is None:
        return None
    items: list[Any] = value[key]
    parallel = {
        other: single
        for other, found in value.items()
        if isinstance(found, list) and len(found) == len(items) and (single := _singular(other))
    }
    single = parallel.get(key)
    parallel[key] = single if single in _SAID_ALONE else "response"
    table = _asked_lists(value, names, len(items))
    parallel.update(table)
    shared = {k: v for k, v in value.items() if k not in parallel}
    _drop_repeated(shared, items)
    rows = []
    for index in range(len(items)):
        row = dict(shared)
        for other, single in parallel.items():
            item = value[other][index]
            row.update(_said(item) if other == key and isinstance(item, dict) else {single: item})
        if not table:
            row.setdefault("sample_index", index)
        if items[index] is None and "answer" in row:
            row.setdefault("gold_answer", row.pop("answer"))  # not what this sample said
        rows.append(row)
    return rows


def _said(item: Mapping[str, Any]) -> dict[str, Any]:
    """A sample's own columns; its ``text`` is what the model said."""
    names = names_of(item)
    if "text" in names and not names.keys() & {*RESPONSE_KEYS, "answer"}:
        return {("output" if k == names["text"] else k): v for k, v in item.items()}
    return dict(item)


def _asked_lists(value: Mapping[str, Any], names: Mapping[str, str], size: int) -> dict[str, str]:
    """The other columns of a table in one object: it has a question for each response."""
    asked = (names[n] for n in ALIASES["question"] if n in names)
    lists = [
        k for k in asked if isinstance(value[k], list) and value[k] and not is_messages(value[k])
    ]
    if not any(len(value[k]) == size and all(isinstance(v, str) for v in value[k]) for k in lists):
        return {}
    return {
        k: _singular(k) or k for k, v in value.items() if isinstance(v, list) and len(v) == size
    }


def _conversations(
    value: Mapping[str, Any], names: Mapping[str, str]
) -> list[dict[str, Any]] | None:
    """Several conversations in one list: one row for each."""
    key = next((names[n] for n in MESSAGE_KEYS if n in names), None)
    found = value[key] if key is not None else None
    if not isinstance(found, list) or not found or not all(is_messages(talk) for talk in found):
        return None
    shared = {k: v for k, v in value.items() if k != key}
    same = all(talk[0] == found[0][0] for talk in found)  # else each answers a question of its own
    return [
        {**shared, "messages": talk, **({"sample_index": i} if same else {})}
        for i, talk in enumerate(found)
    ]


def _reasoning_list(value: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    """A list of reasoning texts with a list of answers or verdicts of the same length beside it."""
    for name in _REASONING_LISTS:
        found = value[names[name]] if name in names else None
        if not isinstance(found, list) or not _is_texts(found) or len(found) < 2:
            continue
        beside = (
            k for k, v in value.items()
            if isinstance(v, list) and len(v) == len(found) and v is not found and (_singular(k) or snake(k[:100]) == "answers")
        )  # fmt: skip
        if next(beside, None) is not None:
            return names[name]
    return None


def _marked_list(value: Mapping[str, Any]) -> str | None:
    """A list of texts with marks under a name that no table lists: the marks say what they are."""
    for key, found in value.items():
        if isinstance(found, list) and found and isinstance(found[0], str):
            name = snake(key[:100])
            if name in KNOWN_NAMES or name in _NO_ROWS or not _is_texts(found):
                continue
            if has_marks(found[0]):
                return key
    return None


def _is_texts(found: list[Any]) -> bool:
    return all(item is None or isinstance(item, str) for item in found)


def _is_samples(found: Any) -> bool:
    if not isinstance(found, list) or not found or is_messages(found):
        return False
    if all(isinstance(item, dict) for item in found):
        said = all(isinstance(item.get("content", item.get("text")), str) for item in found)
        return said and not all(isinstance(item.get("type"), str) for item in found)
    return _is_texts(found)


def _singular(key: str) -> str | None:
    name = snake(key[:100])
    if name in _SINGULAR:
        return _SINGULAR[name]
    if name in _NEVER_PARALLEL:
        return None
    for single in (
        name,
        name.removesuffix("s"),
        name.removesuffix("_list"),
        name.removeprefix("all_").removesuffix("s"),
    ):
        if single in _PARALLEL and single not in _NEVER_PARALLEL:
            return single
    return None


def _drop_repeated(shared: dict[str, Any], items: list[Any]) -> None:
    """A conversation or a text that only repeats one of the samples is not another trace."""
    said = {*MESSAGE_KEYS, *RESPONSE_KEYS}
    found_keys = [key for key in shared if snake(key[:100]) in said]
    if not found_keys:
        return
    texts = {_squeezed(item) for item in items if isinstance(item, str) and item.strip()}
    for key in found_keys:
        name, found = snake(key[:100]), shared[key]
        if name in MESSAGE_KEYS and is_messages(found):
            if any(isinstance(t, str) and _squeezed(t) in texts for t in found[-1].values()):
                shared[key] = found[:-1]
        elif name in RESPONSE_KEYS and isinstance(found, str) and _squeezed(found) in texts:
            del shared[key]


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def wrapped_rows(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]] | None:
    """The rows of ``{"results": [...]}`` or ``{"0": {...}, "1": {...}}``; None for a single row.

    What the wrapper says in plain values (a model, a data set) holds for every row that does not
    say otherwise, and so does what was asked; its other contents stay with the first row.
    """
    if not any(isinstance(v, list | dict) for v in value.values()):
        return keyed_texts(value)
    rows = table_rows(value) or keyed_samples(value) or grouped_rows(value) or numbered_rows(value)
    if rows is not None:
        return rows
    wrapper = _wrapper(value)
    if wrapper is None:
        return None
    return (wrapper.row(i, row, first=i == 0) for i, row in enumerate(value[wrapper.key]))


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """A list of rows, and what stands around it."""

    key: str
    shared: dict[str, Any]
    nested: dict[str, Any]
    """What the first row keeps."""
    numbered: bool
    of_all: frozenset[str]
    """Fields in ``shared`` that settings of the run state; a row knows better."""

    def row(self, position: int, row: Mapping[str, Any], *, first: bool) -> dict[str, Any]:
        """A row with what the wrapper says of it."""
        shared = self.shared
        if "answer" in shared and _said_nothing(row):
            shared = {("gold_answer" if k == "answer" else k): v for k, v in shared.items()}
        return {
            **{k: v for k, v in shared.items() if k not in self.of_all or not _states(row, k)},
            **(self.nested if first else {}),
            **({"sample_index": position} if self.numbered else {}),
            **row,
        }


def _said_nothing(row: Mapping[str, Any]) -> bool:
    """True for a sample with a key for what was said that holds nothing: no answer stands in for it."""
    names = names_of(row)
    said = [row[names[name]] for name in RESPONSE_KEYS if name in names]
    return bool(said) and not any(said)


def _states(row: Mapping[str, Any], field: str) -> bool:
    names = names_of(row)
    return any(name in names for name in ALIASES[field])


def _wrapper(value: Mapping[str, Any], count: int | None = None) -> _Wrapper | None:
    """The list of rows in a value, which has ``count`` of them, if not all are given."""
    key = next((k for k in _WRAPPERS if _is_rows(value.get(k))), None) or _unnamed_rows(value)
    if key is None:
        return None
    count = len(value[key]) if count is None else count
    plain = {k: v for k, v in value.items() if isinstance(v, str | int | float | bool)}
    total = {k: v for k, v in plain.items() if count > 1 and snake(k[:100]) in _MEASURED}
    plain = {k: v for k, v in plain.items() if k not in total}
    asked = {k: v for k, v in value.items() if is_messages(v) or _is_asked(k, v)}
    names = names_of(value)
    of_all = {
        k: v for k, v in stated_around(value).items() if not any(n in names for n in ALIASES[k])
    }
    nested = {
        k: v for k, v in value.items() if k not in (*plain, *total, *asked, key) and v is not None
    }
    if total:
        nested["wrapper"] = total
    numbered = bool(asked) or any(name in names_of(plain) for name in ALIASES["question"])
    return _Wrapper(key, {**of_all, **plain, **asked}, nested, numbered, frozenset(of_all))


RowOf = Callable[[Part], dict[str, Any]]


def row_reader(value: Mapping[str, Any], key: str | None, count: int) -> RowOf | None:
    """What makes the rows of ``wrapped_rows`` out of the parts of a value one by one.

    ``value`` holds some of the ``count`` elements, under ``key`` or (None) under their ids. None
    where its rows are others, or can be told only with all of them at hand.
    """
    if key is None:
        return (lambda part: next(id_rows(part))) if holds_ids(value) else None
    if (split := split_row(value, key)) is not None:
        return lambda part: split(part[key][0])
    beside = (v for k, v in value.items() if k != key and isinstance(v, list))
    if any(len(v) == count for v in beside) or table_rows(value) or keyed_samples(value):
        return None
    if grouped_rows(value) is not None or numbered_rows(value) is not None:
        return None
    wrapper = _wrapper(value, count)
    if wrapper is None or wrapper.key != key:
        return None
    return lambda part: wrapper.row(part.position, part[key][0], first=part.first)


def asks(row: Mapping[str, Any]) -> bool:
    """True for a row with a question of its own."""
    names = names_of(row)
    return any(isinstance(row[names[n]], str) for n in ALIASES["question"] if n in names)


def _is_asked(key: str, found: Any) -> bool:
    """True for an object that holds the question, or for the turns of a prompt."""
    if not isinstance(found, dict) or snake(key[:100]) not in (
        *ALIASES["question"],
        "task",
        "item",
        "doc",
    ):
        return False
    return role_of(found) is not None or any(isinstance(v, str) for v in found.values())


def _is_rows(found: Any) -> bool:
    """True for a list of objects that look like rows: none is a chat turn or a bare sample."""
    return (
        isinstance(found, list)
        and bool(found)
        and all(isinstance(item, dict) for item in found)
        and not (is_messages(found) and any(role_of(item) != "assistant" for item in found))
        and not are_steps(found)
        and not _is_samples(found)
    )


def _unnamed_rows(value: Mapping[str, Any]) -> str | None:
    """A list of objects that each say what a model said, under a key that no list knows."""
    if any(snake(key[:100]) in SAID for key in value):
        return None
    for key, found in value.items():
        if snake(key[:100]) in _NO_ROWS or snake(key[:100]) in KNOWN_NAMES or not _is_rows(found):
            continue
        if all(SAID & {snake(k[:100]) for k in row} for row in found):
            return key
    return None
