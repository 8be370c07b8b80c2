"""What each number of the overthinking analyzer is; ``overthinking.py`` computes them."""

from __future__ import annotations

from analysis.analyzers.probes import CERTAIN_K
from analysis.analyzers.rounds import NEW_SHARE, RESTATED_CHARS
from analysis.model import MetricSpec

OAA_T_MAX = 1000
"""Tokens at which OAA's area ends; the reference code has this constant."""
_OURS = "ours"
_ROUND = (
    f"A solution round is the reasoning up to and including a candidate; one that says the last again within "
    f"{RESTATED_CHARS} characters ends none. A round is new when at least {NEW_SHARE:.0%} of its numbers, formulas (each weighing "
    "3) and words of four letters or more (1) stand in no earlier round. Rounds that the record itself states "
    "('solutions', 'solution_correct', 'cluster_ids') are taken instead; lengths are then of these texts."
)
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
        "The stated reasoning tokens where they fit the text (2 to 6 characters a token in Latin text), else those of "
        "the tokenizer that was given, else an estimate from the text: characters / 3.8, a CJK character 0.7. Of a summary, of "
        "hidden or encrypted reasoning and of a placeholder only a stated count above 0; else undefined.", _OURS, "integer",
    ),
    MetricSpec("thinking_token_source", "Source of the tokens", "", "api | tokenizer:NAME | estimate", "Whose count thinking_tokens is.", _OURS, "text"),
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
        "Position of the first candidate or concluded value (in more than 60 sentences a result of three characters or more, a statement of two) equal to "
        f"the gold answer, or, where the response is correct, to its final answer. {_POSITION} Undefined without a gold answer or where it is never reached.",
        "T^/T of outcome efficiency, 2412.21187",
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
        "The reasoning ends with one block of text said three times or more, the last perhaps cut off.", _OURS, "boolean",
    ),
    MetricSpec("zlib_ratio", "Compressibility", "ratio", "0-1", "zlib-compressed bytes / UTF-8 bytes.", "LRMTokenEconomy"),
    MetricSpec(
        "placeholder_cot", "Placeholder", "", "true/false",
        "Five words or more, but fewer than five different ones: no reasoning, a stand-in for it.", _OURS, "boolean",
    ),
    # Lengths
    MetricSpec(
        "reasoning_visible", "Reasoning is the model's own text", "", "true/false",
        "False for a summary, and for encrypted, redacted or hidden reasoning: leave these out of statistics of length.", _OURS, "boolean",
    ),
    MetricSpec(
        "chars_per_token", "Characters per stated token", "characters/token", "> 0",
        "thinking_chars / stated reasoning tokens, where a count above 0 is stated.", "LRMTokenEconomy",
    ),
    MetricSpec(
        "chars_per_token_flag", "Stated tokens do not fit the text", "", "true/false",
        "The stated count is outside 2 to 6 characters a token (for Latin text; 0.75 to 2.3 for Chinese): hidden or summarised "
        "reasoning, or a wrong count. Undefined without a stated count above 0.", "LRMTokenEconomy", "boolean",
    ),
    MetricSpec(
        "token_count_flag", "Why the stated tokens are not believed", "", "text",
        "'negative', 'zero' (with visible reasoning), 'too few for the text', 'too many for the text'; undefined where the count "
        "is believed or none is stated.", _OURS, "text",
    ),
    MetricSpec(
        "answer_tokens", "Answer tokens", "tokens", ">= 0",
        "Tokens of the answer text: stated completion minus reasoning tokens where these fit the text, else the tokenizer's count, "
        "else an estimate. Undefined without an answer.", _OURS, "integer",
    ),
    MetricSpec("answer_token_source", "Source of the answer tokens", "", "api | tokenizer:NAME | estimate", "Whose count answer_tokens is.", _OURS, "text"),
    MetricSpec("thinking_share", "Share of thinking", "share", "0-1", "thinking_tokens / (thinking_tokens + answer_tokens).", _OURS),
    MetricSpec(
        "think_closed", "Thinking was closed", "", "true/false",
        "The model ended its thinking: there is an answer after it, or the generation stopped by itself. False where it was cut off or "
        "its closing mark is missing; undefined where the record does not tell.", "rk9595/thinking-budget", "boolean",
    ),
    MetricSpec(
        "hesitation_per_1k", "Hesitation per 1,000 tokens", "1/1,000 tokens", ">= 0",
        "1,000 x phrases of hesitation ('Wait,', 'Hmm', 'not sure'; lexicons/hesitation.toml) / thinking_tokens. Undefined unless the "
        "reasoning is visible.", "idea: 2506.08343",
    ),
    MetricSpec(
        "switch_phrases", "evalscope's thoughts", "phrases", ">= 0",
        "Occurrences of evalscope's seven phrases (alternatively, but wait, let me reconsider, another way/approach/method/angle), case "
        "ignored, whole words. Its own splitting misses capitals, its counting words inside words; n_thoughts is by our lexicon.",
        "evalscope ThinkBench (thought_num), mended", "integer",
    ),
    # Answers and rounds
    MetricSpec(
        "first_stable_answer_frac", "Answer stable from", "share", "0-1",
        f"Position of the earliest candidate from which on all candidates equal the final answer. {_POSITION} Undefined where the last "
        "candidate is another.", "text-only form of 2601.23163",
    ),
    MetricSpec("n_solutions", "Solution rounds", "rounds", ">= 0", _ROUND, "after 2412.21187 (there by a language model)", "integer"),
    MetricSpec("n_new_solutions", "New solution rounds", "rounds", ">= 0", "Solution rounds that are the first of their cluster.", "after 2412.21187", "integer"),
    MetricSpec("solution_source", "Source of the rounds", "", "recorded | text", "Whether the record states its rounds, or they are found in the text.", _OURS, "text"),
    MetricSpec(
        "process_efficiency", "Process efficiency", "share", "0-1",
        "Characters of the rounds that are first of their cluster / all characters; what comes after the last candidate counts as a round "
        "of its own. Undefined without a round. The mean over traces is plain, not by number of solutions as in the authors' file.",
        "D/T of 2412.21187 (there clusters by a language model)",
    ),
    # Against the right answer
    MetricSpec(
        "outcome_efficiency", "Outcome efficiency", "share", "0-1",
        "first_correct_frac, and 0 where a wrong response never reaches the gold answer. Undefined without a gold answer, and "
        "where a correct response's reasoning does not state it. 0 mixes accuracy with efficiency: see xi_o_correct of cells.",
        "2412.21187",
    ),
    MetricSpec(
        "underthinking", "Underthinking", "share", "0-1",
        "1 - first_correct_frac of a wrong response, 0 where it never reaches the gold answer; undefined for a correct one. Says nothing "
        "of how often thoughts switch: read it beside switches_per_1k.", "2501.18585",
    ),
    MetricSpec(
        "first_correct_tokens", "Tokens to the correct answer", "tokens", ">= 0",
        "thinking_tokens x first_correct_frac. Undefined unless the reasoning is visible.", "evalscope ThinkBench", "integer",
    ),
    MetricSpec(
        "reflection_tokens", "Tokens after the correct answer", "tokens", ">= 0",
        "thinking_tokens - first_correct_tokens.", "evalscope ThinkBench", "integer",
    ),
    MetricSpec("reflection_share", "Share after the correct answer", "share", "0-1", "1 - first_correct_frac.", "evalscope ThinkBench"),
    MetricSpec("token_efficiency", "Token efficiency", "share", "0-1", "first_correct_tokens / thinking_tokens.", "evalscope ThinkBench"),
    MetricSpec(
        "oaa_auc", "Area under OAA", "share", "0-1",
        f"max(0, {OAA_T_MAX:,} - thinking_tokens) / {OAA_T_MAX:,} of a correct response, 0 of a wrong one (t_max = {OAA_T_MAX:,}).", "2508.13141",
    ),
    # Repetition
    MetricSpec("max_8gram_count", "Commonest 8-gram", "times", ">= 1", "How often the commonest sequence of eight words occurs.", _OURS, "integer"),
    MetricSpec("loop_period", "Period of the last loop", "characters", ">= 1", "Length of the block that the loop at the end repeats; undefined without one.", _OURS, "integer"),
    MetricSpec("loop_count", "Repeats of the last loop", "times", ">= 3", "How often that block is said, the last perhaps cut off.", _OURS),
    MetricSpec(
        "n_loops", "Loops", "loops", ">= 0",
        "Stretches, anywhere in the text, that say one block of words three times or more in a row (60 characters or more).", _OURS, "integer",
    ),
    MetricSpec("loop_share", "In loops", "share of characters", "0-1", "Characters inside loops / all characters.", _OURS),
    MetricSpec("char_entropy", "Entropy of the characters", "bits", ">= 0", "Shannon entropy of the characters of the reasoning.", "LRMTokenEconomy"),
    MetricSpec("bzip2_ratio", "Compressibility, bzip2", "ratio", "> 0", "bzip2-compressed bytes / UTF-8 bytes; above 1 for very short texts.", "LRMTokenEconomy"),
    # Probes
    MetricSpec("n_probes", "Probes", "probes", ">= 0", "Recorded forced-answer probes that could be read; undefined where none are recorded.", "2601.23163", "integer"),
    MetricSpec("probes_unread", "Unreadable probes", "probes", ">= 0", "Recorded probes that could not be read.", _OURS, "integer"),
    MetricSpec(
        "probe_curve", "Probe curve", "", "JSON",
        "[[share of the thinking, 1 correct / 0 wrong / null], ...] in order.", "2601.23163", "text",
    ),
    MetricSpec(
        "first_stable_frac", "Forced answer stable from", "share", "0-1",
        "Position of the earliest probe from which on all probes give the last one's answer. Needs two probes.", "2601.23163",
    ),
    MetricSpec("probe_waste", "Thinking after it", "share", "0-1", "1 - first_stable_frac.", "2601.23163"),
    MetricSpec("probe_first_correct_frac", "Forced answer first correct at", "share", "0-1", "Position of the first correct probe; undefined where none is.", "2601.23163"),
    MetricSpec("probe_answer_changes", "Changes of the forced answer", "changes", ">= 0", "How often a probe's answer differs from the one before.", "2601.23163", "integer"),
    MetricSpec("probe_flips", "Flips of the forced answer", "flips", ">= 0", "How often correctness changes from one probe to the next; undefined where a probe is not judged.", "2601.23163", "integer"),
    MetricSpec(
        "probe_outcome", "First probe against last", "", "stable_correct | gained | lost | stable_wrong",
        "Correct at both, at the last only, at the first only, at neither.", "2601.23163", "text",
    ),
    MetricSpec("broad_loss", "Broad loss", "", "true/false", "Some earlier probe is correct and the last is wrong.", "2601.23163", "boolean"),
    MetricSpec(
        "certain_exit_tokens", "Tokens at a certain exit", "tokens", ">= 0",
        f"Tokens at the first probe (after some thinking) where the last k = {CERTAIN_K} answers are equal, not empty, and contain none of "
        "wait, hold, but, okay, no, hmm. Undefined where that never happens.", "2412.20993, Dynasor", "integer",
    ),
    MetricSpec(
        "certain_saving", "Saved by a certain exit", "share", "0-1",
        f"1 - position of that probe (k = {CERTAIN_K}); 0 where it never happens.", "2412.20993, Dynasor",
    ),
)  # fmt: skip
