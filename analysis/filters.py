"""One filter for every page, the CLI and the library; it lives in the URL of each page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from analysis import limits
from analysis.errors import UsageError

VERDICTS = ("correct", "wrong", "not judged")
ENDINGS = ("complete", "truncated")
_TRUE = ("true", "1")
_FILE_ID = re.compile(r"[0-9a-f]{8,64}")
_DEFAULT_TEXTS = ("", "file order", "false", "0")
"""Values that may be given and yet leave a filter at its default."""
SORTS = {
    "file order": "data set, file, place in the file",
    "length": "length of the reasoning",
    "tokens": "thinking tokens",
    "after answer": "share of thinking after the final answer first stood",
    "candidates": "candidate answers",
    "switches": "switches of thought",
}
"""How a list of traces can be ordered: name in the URL -> what it means."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which traces, in which order. Empty means all. Any mix of values is valid."""

    dataset: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    effort: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    """Traces with at least one finding of each of these labels."""
    question: str | None = None
    """A ``question_key``: the traces of one question."""
    file: str | None = None
    """An imported file, by its id or the beginning of it."""
    text: str = ""
    """Words to find in question, reasoning, answer or the record's own id (case ignored)."""
    min_chars: int | None = None
    max_chars: int | None = None
    ending: str | None = None
    """'complete' or 'truncated'; None for both."""
    visible_only: bool = False
    """Only traces whose reasoning is the model's own text (no summaries, no hidden reasoning)."""
    sort: str = "file order"
    descending: bool = False

    def __post_init__(self) -> None:
        if self.sort not in SORTS:
            raise UsageError(
                f"Traces cannot be sorted by {self.sort!r}.", remedy=f"Use: {', '.join(SORTS)}."
            )
        unknown = set(self.verdict) - set(VERDICTS)
        if unknown:
            raise UsageError(
                f"There is no verdict {sorted(unknown)[0]!r}.",
                remedy=f"Use: {', '.join(VERDICTS)}.",
            )

    def to_query(self) -> dict[str, str | list[str]]:
        """As URL query parameters; only what differs from the default."""
        query: dict[str, str | list[str]] = {}
        for spec in fields(self):
            value = getattr(self, spec.name)
            if value == spec.default:
                continue
            if isinstance(value, tuple):
                query[spec.name] = list(value)
            elif isinstance(value, bool):
                query[spec.name] = "true" if value else "false"
            else:
                query[spec.name] = str(value)
        return query

    @classmethod
    def from_query(cls, query: Mapping[str, Iterable[str]]) -> Filters:
        """Read URL query parameters (name -> values). What makes no sense is left out.

        A link comes from outside: a bad value must open the page, not break it.
        """
        values: dict[str, Any] = {}
        for name in ("dataset", "model", "effort", "label"):
            values[name] = tuple(v for v in query.get(name, ()) if v)
        values["verdict"] = tuple(v for v in query.get("verdict", ()) if v in VERDICTS)
        values["question"] = _last(query, "question")
        values["file"] = _hex(_last(query, "file"))
        values["text"] = (_last(query, "text") or "")[: limits.MAX_SEARCH_CHARS]
        for name in ("min_chars", "max_chars"):
            values[name] = _natural(_last(query, name))
        ending = _last(query, "ending")
        values["ending"] = ending if ending in ENDINGS else None
        values["visible_only"] = _last(query, "visible_only") in _TRUE
        sort = _last(query, "sort")
        values["sort"] = sort if sort in SORTS else "file order"
        values["descending"] = _last(query, "descending") in _TRUE
        return cls(**values)

    @classmethod
    def from_strict_query(cls, query: Mapping[str, Iterable[str]]) -> Filters:
        """Like ``from_query``, but raises ``UsageError`` for what would be left out.

        For scripts, where a filter that is silently ignored would be a wrong result.
        """
        known = {spec.name for spec in fields(cls)}
        for name in query:
            if name not in known:
                raise UsageError(
                    f"There is no filter {name!r}.", remedy=f"Use: {', '.join(sorted(known))}."
                )
        filters = cls.from_query(query)
        for name, given in query.items():
            values = list(given)
            kept = getattr(filters, name)
            taken = list(kept) == values if isinstance(kept, tuple) else kept is not None
            default = next(spec.default for spec in fields(cls) if spec.name == name)
            if not taken or (kept == default and values and values[-1] not in _DEFAULT_TEXTS):
                allowed = {"verdict": VERDICTS, "ending": ENDINGS, "sort": tuple(SORTS)}.get(name)
                raise UsageError(
                    f"The filter {name} cannot be {values[-1]!r}.",
                    remedy=f"Use: {', '.join(allowed)}." if allowed else "Use a whole number.",
                )
        return filters


def _last(query: Mapping[str, Iterable[str]], name: str) -> str | None:
    found = list(query.get(name, ()))
    return found[-1] if found else None


def _hex(text: str | None) -> str | None:
    digits = (text or "").lower()
    return digits if _FILE_ID.fullmatch(digits) else None


def _natural(text: str | None) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 15:
        return None
    return int(text)
