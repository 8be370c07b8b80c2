"""``docs/metrics.md`` from the definitions in the code: what is documented is what is computed.

python -m analysis.views.metrics_doc > docs/metrics.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from analysis.analyzers.registry import default_analyzers
from analysis.effort import columns, columns_more, early_exit, intervals
from analysis.effort.cells import MAX_UNKNOWN_VOTES
from analysis.model import MetricSpec

_HEAD = """\
# Metrics

Written by `python -m analysis.views.metrics_doc > docs/metrics.md`; a test compares the two.

Rules for every number here:

- Undefined is empty (null), never 0. A mean or median is over what is defined, and says over how many.
- Means over traces are plain: each trace counts once.
- Length statistics are of reasoning that is the model's own text. Summaries, encrypted, redacted and
  hidden reasoning are left out and counted; for tokens per cell their stated count is used.
- Positions are Unicode code points into the reasoning.
- Token counts say where they come from: `api` (the record's, where it fits the text), `tokenizer:NAME`
  or `estimate`. A count that cannot be true is a warning of the import and a `token_count_flag`.
- Sources like 2412.21187 are arXiv numbers; "ours" is a definition of this project.
"""
_CELLS = """\
A cell is a data set, a model and an effort. The effort is the stated one, else the thinking budget
in tokens; a checkpoint is added after ` @ `. `cotscope export questions`, `cells` and `pairs` write
these tables.

- **Interval of an accuracy**: questions are resampled ({resamples:,} times, fixed seed), never
  samples, for the samples of one question are not independent; percentiles 2.5 and 97.5. Where all
  questions agree (all right, say) resampling would claim certainty; then the exact (Clopper-Pearson)
  interval over questions is given. A single question has none. Below about ten questions a
  percentile interval is too narrow: read it as "at least this wide".
- **pass@k** is unbiased over the judged samples of a question. **maj@k** is exact: all choices of k
  samples are counted. A tie pays the mean of the tied answers, as breaking it by lot would. Answers
  are the same when their normal form is; a correct sample votes for the right answer however it is
  spelled; a sample without an answer casts no vote. Where a question has a correct and a wrong sample
  without a readable answer, its votes are unknown; a cell with more than {unknown:.0%} of these has
  no maj@k. The k given are those that at least half of the questions have samples for.
- **A pair** compares two cells of one data set on the questions that both have; b is the one further
  down the list (for one model: the higher effort). A question is right in a cell when more than half
  of its judged samples are. `mcnemar_p` is not corrected: with many pairs, expect small values by
  chance. `difference` and `token_ratio` are b against a, with questions resampled in pairs.
"""


_EARLY = """\
A simulation on what is recorded (`analysis.views.early_exit.curves`): accuracy, mean thinking tokens and
share of tokens saved had each trace been stopped by a policy. The answer is then the last one that
stood; none counts as wrong; a trace that never meets the policy thinks to the end and keeps its
verdict. A candidate equal to the final answer has its verdict, any other is right when it equals the
gold answer. Traces without a verdict, without visible reasoning, or with a candidate that cannot be
judged for want of a gold answer are left out and counted. The interval resamples questions. Candidates
show what the text said, probes what the model would have answered.
"""


def metrics_doc() -> str:
    """The whole page, Markdown."""
    parts = [_HEAD, "## Of a trace\n"]
    for analyzer in default_analyzers():
        parts.append(f"### {analyzer.name} (version {analyzer.version})\n")
        parts.append(_table(analyzer.metrics))
    parts.append("## Of questions, cells and pairs\n")
    parts.append(_CELLS.format(resamples=intervals.RESAMPLES, unknown=MAX_UNKNOWN_VOTES))
    parts.append("### questions: one row a question and cell\n")
    ks = (columns.pass_spec("K"), columns.maj_spec("K"))
    more = (*columns_more.QUESTION_MORE, columns_more.weighted_spec("K"))
    parts.append(_table((*columns.QUESTION_COLUMNS, *ks, *more)))
    parts.append("### cells: one row a data set, model and effort\n")
    parts.append(_table((*columns.CELL_COLUMNS, *ks, *columns.CELL_MORE)))
    parts.append(
        "Then, for each metric of a trace that is a number: `mean_NAME` (of yes/no metrics the share"
        " of yes) over the traces with visible reasoning where it is defined, and `n_NAME`, how many"
        " these are. So xi_O is `mean_outcome_efficiency`, xi_P `mean_process_efficiency`, xi_UT"
        " `mean_underthinking`, the rates of loops, placeholders, broad losses and right-to-wrong the"
        " means of these metrics. Behind them:\n"
    )
    parts.append(_table(columns_more.CELL_LAST))
    parts.append("### pairs: one row a pair of cells\n")
    parts.append(_table(columns.PAIR_COLUMNS))
    parts.append("## Stopping early\n")
    parts.append(_EARLY)
    parts.append(_policies())
    return "\n".join(parts)


def _policies() -> str:
    lines = ["| policy | what |", "|---|---|"]
    lines += [f"| `{name}` | {what} |" for name, what in early_exit.POLICIES.items()]
    return "\n".join(lines) + "\n"


def _table(specs: Iterable[MetricSpec]) -> str:
    lines = ["| name | what | unit | range | source |", "|---|---|---|---|---|"]
    for spec in specs:
        what = f"**{spec.title}.** {spec.definition}"
        cells = (f"`{spec.name}`", what, spec.unit, spec.range, spec.source)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(metrics_doc())
