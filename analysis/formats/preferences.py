"""Rows of training sets whose columns stand in pairs or in steps: preferences, labelled steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.aliases import ALIASES, MESSAGE_KEYS
from analysis.formats.fields import snake
from analysis.formats.messages import is_messages, role_of

_CHOICES = ("chosen", "rejected")
_FIELDS = frozenset(name for names in ALIASES.values() for name in names)


def preference(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """A preferred and a rejected response to one prompt are two responses."""
    if not all(name in value for name in _CHOICES):
        return None
    pair = [_talk(value, value[name]) for name in _CHOICES]
    if not all((isinstance(v, str) and v.strip()) or is_messages(v) for v in pair):
        return None
    shared = {
        k: v
        for k, v in value.items()
        if k not in _CHOICES
        and not (k in (*MESSAGE_KEYS, "prompt") and is_messages(v) and is_messages(pair[0]))
    }
    own = {k: place for k in shared if (place := _of_choice(k)) is not None}
    return [
        {
            **{k: v for k, v in shared.items() if k not in own},
            **{own[k][1]: shared[k] for k in own if own[k][0] == name},
            ("messages" if is_messages(found) else "response"): found,
            "preference": name,
            "sample_index": index,
        }
        for index, (name, found) in enumerate(zip(_CHOICES, pair, strict=True))
    ]


def _of_choice(key: str) -> tuple[str, str] | None:
    """(choice, field) of a column that speaks of one of them: ``chosen_model``, ``score_rejected``."""
    name = snake(key[:100])
    for choice in _CHOICES:
        field = (
            name.removeprefix(f"{choice}_")
            if name.startswith(choice)
            else name.removesuffix(f"_{choice}")
        )
        if field != name and field in _FIELDS:
            return choice, field
    return None


def _talk(value: Mapping[str, Any], said: Any) -> Any:
    """A response that is the model's turns alone, behind those of its prompt; else as it stands."""
    turns = [said] if isinstance(said, dict) and role_of(said) is not None else said
    if not is_messages(turns) or any(role_of(turn) == "user" for turn in turns):
        return said
    keys = (*MESSAGE_KEYS, "prompt")
    asked = next((list(value[key]) for key in keys if is_messages(value.get(key))), [])
    return [*asked, *turns]


def labelled_steps(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """One row for the steps of one solution with a verdict on each (TRL's stepwise supervision)."""
    steps, labels = value.get("completions"), value.get("labels")
    if not isinstance(steps, list) or not isinstance(labels, list) or len(steps) != len(labels):
        return None
    if not steps or not all(isinstance(step, str) for step in steps):
        return None
    if not all(isinstance(label, bool) for label in labels):
        return None
    rest = {k: v for k, v in value.items() if k != "completions"}
    return [{**rest, "reasoning": steps}]
