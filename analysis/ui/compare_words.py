"""Definitions of the numbers of the Compare page, in words."""

from __future__ import annotations

from analysis.ui.i18n import N_, known, t

CELL = N_("A model at an effort, budget or checkpoint, on a data set.")
ACCURACY = N_(
    "Correct over judged traces. 95 % interval: Wilson's where each question has one judged sample,"
    " else a bootstrap that draws questions, never samples."
)
TOKENS = N_(
    "Mean thinking tokens of a trace, with a 95 % bootstrap interval over questions. Stated by the"
    " API, counted, or estimated from characters, as the column Tokens from says."
)
FRONT = N_(
    "On the Pareto front: no other cell of the data set has as few mean tokens and as much accuracy,"
    " and one of them strictly better."
)
PER_CORRECT = N_("All thinking tokens of judged traces over the number of correct ones.")
COST_PER_CORRECT = N_(
    "All cost of judged traces over the number of correct ones, in the record's currency."
)
CHEAPEST = N_(
    "Share of questions that this effort solves and no lower one does, of the questions judged at"
    " every effort. Solved: more than half of the judged samples correct."
)
WASTED = N_(
    "Mean over the questions solved by then of the tokens here minus those at the least effort that"
    " solves them."
)
MONOTONIC = N_(
    "Of the questions with tokens at every effort, those whose mean tokens never fall from one effort"
    " to the next."
)
DIFFICULTY = N_(
    "1 − the mean over all cells of the data set of the question's accuracy; 1 is hardest."
)
OUTCOMES = N_(
    "Questions judged in both. With several samples a question counts as right where more than half"
    " of its judged samples are correct."
)
DIFFERENCE = N_(
    "Accuracy of B minus accuracy of A in percentage points, the mean over the questions judged in"
    " both, with a 95 % paired bootstrap interval over questions."
)
TEST = N_(
    "Exact McNemar test on the questions that flipped, where each has one sample; else a permutation"
    " test of question means. Two-sided."
)
HOLM = N_("p after Holm's correction for all pairs of this table together.")
RATIO = N_(
    "Geometric mean over questions of the mean tokens in B over those in A, with a 95 % bootstrap"
    " interval over questions; so twice as many on one and half as many on another cancel."
)
FEWER = N_("Share of the questions on which B used fewer thinking tokens than A.")
DZ = N_("Cohen's dz: the mean of the paired differences over their standard deviation.")
CLIFF = N_("Cliff's delta: how much more often a value of B is above one of A than below; −1 to 1.")
PASS = N_(
    "pass@k: chance that at least one of k samples is right, the unbiased estimate of Chen et al. (2021)."
)
MAJ = N_(
    "maj@k: chance that the most frequent answer of k samples is right, exact over all choices of k;"
    " equal counts share the credit."
)
VOTES = N_(
    "Weighted votes and best of k need a score, or use the length; they are shown where the data has it."
)
EQUAL = N_(
    "One long chain against as many short samples as cost no more thinking tokens, in the mean over"
    " the questions of both."
)
SPEARMAN = N_(
    "Spearman's rank correlation between the difficulty of a question and its mean thinking tokens;"
    " positive: harder questions get more."
)
BINS = N_(
    "Accuracy of quarters of a cell's judged traces by their tokens, within one tier of difficulty:"
    " over all questions length and difficulty would be mixed. Easy: below 1/3; hard: from 2/3."
)


def tier_name(tier: str) -> str:
    """A tier of difficulty as a person reads it."""
    return {"easy": t("easy"), "medium": t("medium"), "hard": t("hard")}.get(tier, known(tier))
