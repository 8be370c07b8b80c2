"""What the further columns of the tables questions and cells are; they stand behind the first ones.

The means of a trace's metrics (``mean_outcome_efficiency``, ``mean_right_to_wrong`` ...) are in
``cells`` already: xi_O is ``mean_outcome_efficiency``, xi_P ``mean_process_efficiency``, xi_UT
``mean_underthinking``; rates of loops, placeholders, broad losses and right-to-wrong are the means
of these yes/no metrics.
"""

from __future__ import annotations

from analysis.effort.efficiency import WITHIN
from analysis.effort.options import DEFAULT
from analysis.effort.votes import MAX_SUBSETS
from analysis.model import MetricSpec

_BASE = "the model's cell of least effort on this data set"


def _number(
    name: str, title: str, unit: str, limits: str, definition: str, source: str = ""
) -> MetricSpec:
    return MetricSpec(name, title, unit, limits, definition, source)


def _n(name: str, title: str) -> MetricSpec:
    return MetricSpec(
        name, f"n of {title}", "traces", ">= 0", "Traces in that mean.", "", "integer"
    )


QUESTION_MORE = (
    _number("vote_margin", "Margin of the vote", "share", "0-1", "Share of the commonest answer minus share of the next, of all samples."),
    _number("best_of_n_score", "Best of n by score", "share", "0-1", "Whether the sample with the highest recorded score is correct; samples of equal score share the place. Undefined where a sample has no score or no verdict."),
    _number("best_of_n_shortest", "Best of n by shortness", "share", "0-1", "Whether the sample with the fewest tokens is correct; as best_of_n_score."),
    _number("cv_tokens", "Variation of the tokens", "ratio", ">= 0", "sd_tokens / mean_tokens."),
    _number("envelope", "Envelope", "tokens", ">= 0", "max_tokens - min_tokens; undefined for a single sample.", "O_env, 2504.13367"),
    MetricSpec("baseline_effort", "Baseline", "", "text", "The least effort of the model that has this question; empty in its own row.", "", "text"),
    _number("token_multiplier", "Token multiplier", "ratio", ">= 0", "mean_tokens / mean_tokens at the baseline."),
    _number("accuracy_change", "Change of accuracy", "share", "-1 to 1", "accuracy - accuracy at the baseline."),
    MetricSpec("flip", "Flip", "", "gained | lost | same", "Whether the question is right here (more than half of the judged samples) and was not at the baseline, the reverse, or neither.", "", "text"),
    MetricSpec("cheapest_solving_effort", "Least effort that solves it", "", "text", "The model's least effort at which more than half of the judged samples are correct; empty where none is.", "ours", "text"),
    _number("wasted_tokens", "Wasted tokens", "tokens", "any", "mean_tokens - mean_tokens at cheapest_solving_effort; undefined below that effort.", "ours"),
)  # fmt: skip
"""Behind pass@k and maj@k; weighted_vote_at_K follows."""

CELL_LAST = (
    _number("undecided_share", "Undecided", "share", "0-1", "Traces without a verdict over all traces."),
    _number("xi_o_correct", "Outcome efficiency of correct traces", "share", "0-1", "Mean outcome_efficiency over correct traces with visible reasoning: xi_O (mean_outcome_efficiency) without its mixing in of accuracy.", "after 2412.21187"),
    _n("n_xi_o_correct", "Outcome efficiency of correct traces"),
    _number("xi_o_by_solutions", "Outcome efficiency, authors' weighting", "share", "0-1", "Mean outcome_efficiency weighted by n_solutions, as in the authors' own file.", "2412.21187"),
    _number("xi_p_by_solutions", "Process efficiency, authors' weighting", "share", "0-1", "Mean process_efficiency weighted by n_solutions, as in the authors' own file.", "2412.21187"),
    _number("overthinking_rate", "Overthinking rate", "share", "0-1", f"Correct traces whose post_answer_waste is above overthinking_above ({DEFAULT.overthinking_above:g}), over correct traces where it is defined.", "ours"),
    _n("n_overthinking", "Overthinking rate"),
    _number("overthinking_above", "Threshold of it", "share", "0-1", "The threshold of overthinking_rate."),
    _number("auc_oaa", "AUC of OAA", "share", "0-1", "Mean over judged traces with tokens of max(0, t_max - tokens) / t_max where correct, else 0.", "2508.13141"),
    _n("n_oaa", "AUC of OAA"),
    _number("oaa_t_max", "t_max", "tokens", "> 0", f"The constant of auc_oaa and f1_otb ({DEFAULT.oaa_t_max:g}; hard-coded so in the reference code)."),
    _number("f1_otb", "F1 of OTB", "share", "0-1", "Harmonic mean of auc_oaa on the easy questions and accuracy on the hard ones; easy is a difficulty below easy_below. Undefined where either kind is missing. Depends on the cells that are shown.", "2508.13141 (there two data sets)"),
    _number("easy_below", "Easy below", "share", "0-1", "The difficulty that parts easy from hard questions."),
    _number("thinkbench_f1", "LLMThinkBench F1", "share", "0-1", "F1 of accuracy and 1 - (tokens - least) / (most - least), least and most over the cells of the data set that are shown: comparable only within one table. Higher is better, whatever its source calls it.", "2507.04023"),
    _number("aes", "Accuracy-efficiency score", "", "any", f"length x (L0 - L) / L0 + gain x |dA| (or - loss x |dA| where accuracy falls), dA = (A - A0) / A0, against {_BASE}; constants length, gain, loss in aes_constants.", "2501.12570"),
    MetricSpec("aes_baseline", "Baseline of it", "", "text", "The effort of the baseline; empty in its own row.", "", "text"),
    MetricSpec("aes_constants", "Constants of it", "", "text", "length, gain, loss.", "", "text"),
    _number("excess_token_ratio", "Excess tokens", "ratio", ">= 0", "Mean over questions of mean tokens here / mean over the cells shown (this one included) of their mean tokens.", "LRMTokenEconomy"),
    MetricSpec("reference_cells", "Reference cells", "cells", ">= 0", "Cells of the data set with tokens: the reference of excess_token_ratio.", "", "integer"),
    _number("o_g", "Global overthinking", "tokens", "any", "Mean over questions of mean tokens minus the fewest tokens of any correct sample of the question, over all cells shown.", "2504.13367"),
    _number("o_env", "Overthinking envelope", "tokens", ">= 0", "Mean over questions with two samples or more of most tokens minus fewest.", "2504.13367"),
    _number("difficulty_tokens_rho", "Tokens follow difficulty", "correlation", "-1 to 1", "Spearman correlation over questions of difficulty and mean tokens; three questions or more.", "2504.13367"),
    _number("difficulty_tokens_slope", "Tokens per difficulty", "tokens", "any", "Least-squares slope of mean tokens over difficulty (from 0 to 1)."),
    _number("mean_cost", "Mean cost", "$", ">= 0", "Mean recorded cost of a trace."),
    _n("n_cost", "Mean cost"),
    _number("cost_per_correct", "Cost per correct trace", "$", ">= 0", "Cost of judged traces over the number of correct ones among them."),
    _number("scaling_slope", "Scaling", "share per 1,000 tokens", "any", "Mean slope of accuracy over mean tokens, over all pairs of efforts of the model on this data set; the same in each of its rows.", "s1, 2501.19393"),
    _number("monotonic_share", "Monotonic questions", "share", "0-1", "Questions whose mean tokens never fall from one effort of the model to the next; the same in each of its rows.", "rk9595/thinking-budget"),
    _n("n_budget", "the budget columns"),
    _number("budget_control", "Control", "share", "0-1", "Traces that keep to their thinking budget: tokens <= budget.", "s1, 2501.19393, without a lower end"),
    _number("budget_overshoot", "Overshoot", "share", "0-1", "1 - budget_control.", "rk9595/thinking-budget"),
    _number("budget_within_20", "Within 20 %", "share", "0-1", f"Traces whose tokens are within {WITHIN:.0%} of their budget.", "rk9595/thinking-budget"),
    _number("budget_error", "Error of the budget", "tokens", ">= 0", "Mean |tokens - budget|.", "L1, 2503.04697"),
    _number("budget_error_share", "Relative error", "share", ">= 0", "Mean |tokens - budget| / budget.", "L1, 2503.04697"),
)  # fmt: skip
"""Behind the means of the metrics."""


def _text(name: str, title: str, definition: str) -> MetricSpec:
    return MetricSpec(name, title, "", "text", definition, "", "text")


CELL_NAMED = (
    _text("accuracy_method", "Interval of the accuracy", "'Wilson' where no question has two judged traces, else 'cluster bootstrap'."),
    _number("accuracy_of_all", "Accuracy, undecided as wrong", "share", "0-1", "Correct traces over all traces: one without a verdict (an error, a truncated answer) counts as wrong, as most leaderboards do."),
    _n("n_completion_tokens", "Completion tokens"),
    _number("total_completion_tokens", "Total completion tokens", "tokens", ">= 0", "Sum of the completion tokens that the records state, reasoning included."),
    _number("mean_completion_tokens", "Mean completion tokens", "tokens", ">= 0", "Mean over the traces that state them."),
    MetricSpec("n_failed", "Failed", "traces", ">= 0", "Traces whose record states an error.", "", "integer"),
    MetricSpec("n_repeats", "Repeats", "traces", ">= 0", "Traces that equal another of the same question and cell in sample index, lengths and answer: probably the same record twice. They are counted like any other.", "", "integer"),
    MetricSpec("on_front", "On the front", "", "true/false", "No cell of the data set has as few mean tokens and as much accuracy, one of them strictly better.", "", "boolean"),
    _text("label", "Cell", "Its name in charts and for cotscope compare."),
    _text("base_model", "Base model", "The model without what its name tells of effort, budget and checkpoint; a person's word comes first (cotscope cells)."),
    _text("base_effort", "Recognised effort", "none, minimal, low, medium, default, thinking, high, xhigh or max as the effort or the model's name says, else the effort as it is said."),
    MetricSpec("budget_tokens", "Thinking budget", "tokens", ">= 0", "The stated budget where the cell has one, else the one in a name (k is 1,000).", "", "integer"),
    _text("base_checkpoint", "Checkpoint", "The stated checkpoint, else the one in the model's name."),
    _number("effort_order", "Place of the effort", "", "any", "Efforts from least to most; budgets follow all levels, by tokens."),
    _text("name_source", "Source of the effort", "'effort', 'model name' or 'person'; empty where none is told."),
    _text("stated", "As stated", "Model and effort as the records say them; several where a person put cells together."),
)  # fmt: skip
"""The last columns of cells."""


def weighted_spec(k: int | str) -> MetricSpec:
    """The column ``weighted_vote_at_K``."""
    return _number(
        f"weighted_vote_at_{k}",
        f"Weighted vote@{k}",
        "share",
        "0-1",
        f"Chance that the answer with the most weight among {k} samples is correct, weights 1 /"
        f" tokens; over all choices of {k}, or {MAX_SUBSETS} drawn ones where there are more. Ties"
        " and missing answers as in maj@k; undefined where a voting sample has no tokens.",
        "weights: 1/T",
    )
