"""SQL that names the cell of a trace."""

from __future__ import annotations

EFFORT = (
    "nullif(concat_ws(' @ ', coalesce(t.effort, CAST(t.thinking_budget_tokens AS VARCHAR)),"
    " t.checkpoint), '')"
)
"""SQL: the effort of a cell, over ``trace t``."""
_LEVELS = "['none', 'off', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']"
EFFORT_ORDER = (
    f"list_position({_LEVELS}, split_part(effort, ' @ ', 1)) NULLS LAST,"
    " TRY_CAST(regexp_extract(effort, '[0-9]+') AS DOUBLE) NULLS LAST, effort NULLS LAST"
)
"""SQL: levels from least to most, then by the number in the name, then by name."""
