"""What each number of the overthinking analyzer is; ``overthinking.py`` computes them."""

from __future__ import annotations

from analysis.model import MetricSpec

_OURS = "ours"
_CANDIDATE = (
    "A candidate answer is what the reasoning itself calls its answer (a box, 'the answer is', a choice taken), or "
    "the value that a concluding sentence ends with when it equals the final answer or an answer called so elsewhere."
)
_POSITION = (
    "Positions are characters up to the end of the candidate / all characters of the reasoning."
)

SPECS = (
    MetricSpec("thinking_chars", "Reasoning length", "characters", ">= 0", "Code points of the reasoning.", _OURS, "integer"),
    MetricSpec(
        "thinking_words", "Reasoning words", "words", ">= 0",
        "Stretches between white space; each Han, kana or Hangul character counts as one.", _OURS, "integer",
    ),
    MetricSpec("thinking_sentences", "Reasoning sentences", "sentences", ">= 0", "Sentences of the reasoning.", _OURS, "integer"),
    MetricSpec(
        "thinking_tokens", "Reasoning tokens", "tokens", ">= 0",
        "The stated reasoning tokens where they fit the text (2 to 6 characters a token in Latin text), else an "
        "estimate from the text: characters / 3.8, a CJK character 0.7.", _OURS, "integer",
    ),
    MetricSpec("thinking_token_source", "Source of the tokens", "", "api | estimate", "Where thinking_tokens is from.", _OURS, "text"),
    MetricSpec("n_thoughts", "Thoughts", "thoughts", ">= 0", "Runs of sentences that follow one approach.", "after 2501.18585", "integer"),
    MetricSpec("reasoning_switches", "Switches", "switches", ">= 0", "n_thoughts - 1.", "after 2501.18585", "integer"),
    MetricSpec(
        "switches_per_1k", "Switches per 1,000 tokens", "1/1,000 tokens", ">= 0",
        "1,000 x reasoning_switches / thinking_tokens.", "after evalscope ThinkBench, which counts phrases",
    ),
    MetricSpec(
        "final_answer", "Final answer", "", "text",
        "The answer that the response ends with, in normal form: of the answer text, else the last that the reasoning "
        "calls its answer.", _OURS, "text",
    ),
    MetricSpec(
        "answer_from_thinking", "Answer from the reasoning", "", "true/false",
        "Whether the final answer had to be read from the reasoning, for want of one in the answer text.", _OURS, "boolean",
    ),
    MetricSpec("n_candidates", "Candidate answers", "candidates", ">= 0", _CANDIDATE, "idea: 2504.05419", "integer"),
    MetricSpec("n_distinct_answers", "Distinct answers", "answers", ">= 0", "Different values among the candidates.", _OURS, "integer"),
    MetricSpec(
        "n_answer_changes", "Answer changes", "changes", ">= 0",
        "How often a candidate differs from the one before it.", _OURS, "integer",
    ),
    MetricSpec("first_answer_frac", "First answer at", "share", "0-1", f"Position of the first candidate. {_POSITION}", _OURS),
    MetricSpec(
        "first_final_frac", "Final answer first reached at", "share", "0-1",
        f"Position of the first candidate equal to the final answer. {_POSITION} Undefined where there is none.",
        "text-only form of outcome efficiency, 2412.21187",
    ),
    MetricSpec(
        "post_answer_waste", "Reasoning after the final answer", "share", "0-1",
        "1 - first_final_frac.", "text-only form of outcome efficiency, 2412.21187",
    ),
    MetricSpec(
        "tokens_after_first_final", "Tokens after the final answer", "tokens", ">= 0",
        "thinking_tokens x post_answer_waste.", _OURS, "integer",
    ),
    MetricSpec(
        "n_repeat_final", "Final answer said again", "times", ">= 0",
        "Candidates equal to the final answer after the first of them.", "idea: 2412.21187", "integer",
    ),
    MetricSpec(
        "first_correct_frac", "Correct answer first reached at", "share", "0-1",
        f"Position of the first candidate or concluded value equal to the gold answer. {_POSITION} Undefined without a "
        "gold answer or where it is never reached.", "T^/T of outcome efficiency, 2412.21187",
    ),
    MetricSpec(
        "right_to_wrong", "Right, then wrong", "", "true/false",
        "The gold answer was a candidate, and the final answer is wrong.", "2601.23163 (there with probes)", "boolean",
    ),
    MetricSpec(
        "wrong_to_right", "Wrong, then right", "", "true/false",
        "The first candidate was not the gold answer, and the final answer is right.", "2601.23163 (there with probes)", "boolean",
    ),
    MetricSpec(
        "repeat_share", "Repeated sentences", "share of characters", "0-1",
        "Characters of sentences (20 or more characters) that say an earlier one again / all characters.", _OURS,
    ),
    MetricSpec(
        "ngram8_repeat", "Repeated 8-grams", "share", "0-1",
        "Share of the word 8-grams that occur more than once.", _OURS,
    ),
    MetricSpec(
        "tail_loop", "Ends in a loop", "", "true/false",
        "The reasoning ends with one block of text said three times or more.", _OURS, "boolean",
    ),
    MetricSpec("zlib_ratio", "Compressibility", "ratio", "0-1", "zlib-compressed bytes / UTF-8 bytes.", "LRMTokenEconomy"),
    MetricSpec(
        "placeholder_cot", "Placeholder", "", "true/false",
        "Five words or more, but fewer than five different ones: no reasoning, a stand-in for it.", _OURS, "boolean",
    ),
)  # fmt: skip
