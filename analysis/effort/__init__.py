"""Statistics of efforts, samples and budgets: pure functions, no store, no files."""

from analysis.effort.cells import Cell, CellStats, QuestionStats, Sample, summarise
from analysis.effort.intervals import Interval, bootstrap_ratio, geometric_mean_ratio
from analysis.effort.pairs import Paired, compare
from analysis.effort.samples import maj_at_k, pass_at_k, sample_sizes
from analysis.effort.significance import mcnemar_exact

__all__ = [
    "Cell",
    "CellStats",
    "Interval",
    "Paired",
    "QuestionStats",
    "Sample",
    "bootstrap_ratio",
    "compare",
    "geometric_mean_ratio",
    "maj_at_k",
    "mcnemar_exact",
    "pass_at_k",
    "sample_sizes",
    "summarise",
]
