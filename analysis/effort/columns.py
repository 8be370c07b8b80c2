"""What each column of the tables questions, cells and pairs is; shown on pages and in the docs."""

from __future__ import annotations

from dataclasses import replace

from analysis.model import MetricSpec

_BOOT = "cluster bootstrap over questions, 2,000 resamples, percentile"
_DATASET = MetricSpec("dataset", "Data set", "", "text", "The data set.", "", "text")
_MODEL = MetricSpec("model", "Model", "", "text", "The model; empty where not stated.", "", "text")
_EFFORT = MetricSpec(
    "effort",
    "Effort",
    "",
    "text",
    "The stated effort, else the thinking budget in tokens; a checkpoint is added after ' @ ', or"
    " stands alone where there is neither.",
    "",
    "text",
)


def _integer(name: str, title: str, unit: str, definition: str) -> MetricSpec:
    return MetricSpec(name, title, unit, ">= 0", definition, "", "integer")


def _tokens(name: str, title: str, definition: str, limits: str = ">= 0") -> MetricSpec:
    return MetricSpec(name, title, "tokens", limits, definition, "")


def _share(name: str, title: str, definition: str, source: str = "") -> MetricSpec:
    return MetricSpec(name, title, "share", "0-1", definition, source)


_N_TRACES = _integer("n_traces", "Traces", "traces", "Traces of this row.")
_N_JUDGED = _integer("n_judged", "Judged", "traces", "Traces with a verdict.")
_N_CORRECT = _integer("n_correct", "Correct", "traces", "Traces with the verdict correct.")
_N_TOKENS = _integer("n_tokens", "With tokens", "traces", "Traces with a count of thinking tokens.")
_MEAN = _tokens("mean_tokens", "Mean thinking tokens", "Mean over the traces with a count.")
_MEDIAN = _tokens("median_tokens", "Median thinking tokens", "Median over the traces with a count.")

QUESTION_COLUMNS = (
    _DATASET,
    MetricSpec("question_key", "Question key", "", "text", "What pairs traces as answers to the same question.", "", "text"),
    MetricSpec("question_id", "Question id", "", "text", "The record's own id of the question.", "", "text"),
    MetricSpec("question", "Question", "", "text", "Its first 200 characters.", "", "text"),
    _MODEL,
    _EFFORT,
    _N_TRACES,
    _N_JUDGED,
    _N_CORRECT,
    _share("accuracy", "Accuracy", "Correct traces over judged ones."),
    _share("difficulty", "Difficulty", "1 - mean of the accuracy of this question over the cells of the data set.", "2504.13367"),
    MetricSpec("majority_answer", "Commonest answer", "", "text", "The answer that most samples give, in normal form; of tied ones the first in the alphabet.", "", "text"),
    _share("majority_share", "Share of it", "Samples with the commonest answer over all samples."),
    MetricSpec("majority_tied", "Tied", "", "true/false", "Whether another answer is as common.", "", "boolean"),
    MetricSpec("vote_entropy", "Spread of the answers", "bits", ">= 0", "Shannon entropy of the answers; 0 when all agree.", ""),
    _N_TOKENS,
    _MEAN,
    _MEDIAN,
    _tokens("sd_tokens", "Spread of the tokens", "Standard deviation over samples (n - 1)."),
    _tokens("min_tokens", "Fewest tokens", "Least over samples."),
    _tokens("max_tokens", "Most tokens", "Most over samples."),
    _tokens("min_correct_tokens", "Fewest tokens of a correct sample", "Least over the correct samples.", "> 0"),
    MetricSpec("excess_over_min", "Excess", "ratio", ">= 0", "mean_tokens / min_correct_tokens.", "idea: 2504.13367"),
    _tokens("len_right_minus_wrong", "Right minus wrong", "Mean tokens of correct samples minus mean tokens of wrong ones.", "any"),
)  # fmt: skip

CELL_COLUMNS = (
    _DATASET,
    _MODEL,
    _EFFORT,
    _integer("n_questions", "Questions", "questions", "Questions; a trace whose question is unknown counts as one."),
    _N_TRACES,
    _share("accuracy", "Accuracy", "Correct traces over judged ones."),
    _share("accuracy_low", "Accuracy, low end", f"Low end of the 95 % interval: Wilson's where no question has two judged traces, else {_BOOT}. Where all questions agree: exact. Undefined for one question with several."),
    _share("accuracy_high", "Accuracy, high end", "High end of the same interval."),
    _MEAN,
)  # fmt: skip

CELL_MORE = (
    _N_JUDGED,
    _N_CORRECT,
    _N_TOKENS,
    MetricSpec("token_source", "Source of the tokens", "", "text", "'api' where the record's count is used, 'tokenizer:NAME' or 'estimate' where the text was counted; several are joined.", "", "text"),
    _MEDIAN,
    _tokens("p95_tokens", "95th percentile", "Of the thinking tokens."),
    _tokens("tokens_per_correct", "Tokens per correct trace", "Thinking tokens of judged traces over the number of correct ones."),
    _share("truncated_share", "Truncated", "Traces that were cut off over all traces."),
)  # fmt: skip
"""After pass@k and maj@k, before the means of the metrics."""

PAIR_COLUMNS = (
    _DATASET,
    replace(_MODEL, name="model_a", title="Model a"),
    replace(_EFFORT, name="effort_a", title="Effort a"),
    replace(_MODEL, name="model_b", title="Model b"),
    replace(_EFFORT, name="effort_b", title="Effort b"),
    _integer("n_questions", "Questions", "questions", "Questions that both cells have."),
    _integer("both_right", "Both right", "questions", "Right in a and in b. A question is right when more than half of its judged samples are correct."),
    _integer("only_a", "Only a", "questions", "Right in a, not in b."),
    _integer("only_b", "Only b", "questions", "Right in b, not in a."),
    _integer("both_wrong", "Both wrong", "questions", "Right in neither."),
    MetricSpec("mcnemar_p", "McNemar p", "", "0-1", "Two-sided exact p of McNemar's test on only_a and only_b; 1 when both are 0. Not corrected for the number of pairs.", "McNemar 1947, exact form"),
    MetricSpec("difference", "Difference", "share", "-1 to 1", "Mean over questions of accuracy in b minus accuracy in a.", ""),
    MetricSpec("difference_low", "Difference, low end", "share", "-1 to 1", "Low end of the 95 % interval: bootstrap over questions, paired. Where all questions agree: exact.", ""),
    MetricSpec("difference_high", "Difference, high end", "share", "-1 to 1", "High end of the same interval.", ""),
    MetricSpec("token_ratio", "Token ratio", "ratio", "> 0", "Geometric mean over questions of mean thinking tokens in b over those in a.", ""),
    MetricSpec("token_ratio_low", "Token ratio, low end", "ratio", "> 0", "Low end of the 95 % interval: bootstrap over questions.", ""),
    MetricSpec("token_ratio_high", "Token ratio, high end", "ratio", "> 0", "High end of the same interval.", ""),
    _integer("n_judged", "Judged questions", "questions", "Questions with a verdict in both: the sum of the four counts."),
    _integer("n_tokens", "Questions with tokens", "questions", "Questions with thinking tokens in both: those of token_ratio."),
    _share("accuracy_a", "Accuracy a", "Mean over the judged questions of the share of correct samples in a."),
    _share("accuracy_b", "Accuracy b", "The same in b: difference = accuracy_b - accuracy_a."),
    MetricSpec("test", "Test", "", "text", "What p is of: 'exact McNemar' where every question has one judged sample in both cells, else 'paired permutation' of the differences of question means (random signs, fixed seed).", "", "text"),
    MetricSpec("p", "p", "", "0-1", "Two-sided p of that test, not corrected.", "Fisher 1935; McNemar 1947"),
    MetricSpec("p_holm", "p, corrected", "", "0-1", "p corrected by Holm's method for all rows of this table.", "Holm 1979"),
    MetricSpec("cohens_dz", "Cohen's dz", "", "any", "Mean over questions of the difference over its standard deviation (n - 1).", "Cohen 1988"),
    MetricSpec("cliffs_delta", "Cliff's delta", "", "-1 to 1", "Share of questions better in b minus share better in a.", "Cliff 1996, within pairs"),
    MetricSpec("token_ratio_median", "Median token ratio", "ratio", "> 0", "Median over questions of mean tokens in b over those in a.", ""),
    MetricSpec("token_ratio_median_low", "Median token ratio, low end", "ratio", "> 0", "Low end of its 95 % interval: bootstrap over questions.", ""),
    MetricSpec("token_ratio_median_high", "Median token ratio, high end", "ratio", "> 0", "High end of the same interval.", ""),
    MetricSpec("token_ratio_of_means", "Ratio of mean tokens", "ratio", "> 0", "Mean over those questions of mean tokens in b, over the same of a.", ""),
    _share("fewer_share", "Fewer tokens", "Share of those questions on which b used fewer tokens than a."),
)  # fmt: skip


def pass_spec(k: int | str) -> MetricSpec:
    """The column ``pass_at_K``."""
    return _share(
        f"pass_at_{k}",
        f"pass@{k}",
        f"Chance that at least one of {k} samples is correct: 1 - C(n - c, {k}) / C(n, {k}), mean"
        f" over the questions with {k} judged samples or more.",
        "2107.03374",
    )


def maj_spec(k: int | str) -> MetricSpec:
    """The column ``maj_at_K``."""
    return _share(
        f"maj_at_{k}",
        f"maj@{k}",
        f"Chance that the commonest answer of {k} samples is correct, over all choices of {k}; a tie"
        " pays the mean of the tied answers, a sample without an answer casts no vote, a correct one"
        f" votes for the right answer. Mean over the questions with {k} samples or more; undefined"
        " where answers cannot be read reliably.",
        "standard",
    )


def mean_specs(spec: MetricSpec) -> tuple[MetricSpec, MetricSpec]:
    """The columns ``mean_NAME`` and ``n_NAME`` of a metric of traces."""
    what = "Share of traces" if spec.kind == "boolean" else "Mean over traces"
    return (
        MetricSpec(
            f"mean_{spec.name}",
            spec.title,
            "share" if spec.kind == "boolean" else spec.unit,
            "0-1" if spec.kind == "boolean" else spec.range,
            f"{what} with visible reasoning for which it is defined: {spec.definition}",
            spec.source,
        ),
        _integer(f"n_{spec.name}", f"n of {spec.title}", "traces", "Traces in that mean."),
    )
