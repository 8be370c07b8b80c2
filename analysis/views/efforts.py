"""The read models of the Compare page and of `cotscope compare`, in one place.

``load`` reads all cells once; every other function takes what it gave as ``loaded``.
"""

from analysis.views.effort_cells import (
    CELL_COLUMNS,
    GRID_COLUMNS,
    LADDER_COLUMNS,
    PAIR_COLUMNS,
    RATIO_COLUMNS,
    cell_named,
    cells,
    grid,
    ladders,
    load,
    paired,
    ratios,
)
from analysis.views.effort_curves import (
    BIN_COLUMNS,
    CURVE_COLUMNS,
    EQUAL_COLUMNS,
    Curves,
    Difficulty,
    curves,
    difficulty,
)
from analysis.views.effort_diff import Diff, Side, diff, sides

__all__ = [
    "BIN_COLUMNS",
    "CELL_COLUMNS",
    "CURVE_COLUMNS",
    "EQUAL_COLUMNS",
    "GRID_COLUMNS",
    "LADDER_COLUMNS",
    "PAIR_COLUMNS",
    "RATIO_COLUMNS",
    "Curves",
    "Diff",
    "Difficulty",
    "Side",
    "cell_named",
    "cells",
    "curves",
    "diff",
    "difficulty",
    "grid",
    "ladders",
    "load",
    "paired",
    "ratios",
    "sides",
]
