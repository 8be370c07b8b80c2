"""What each language metric is: unit, range, formula and source."""

from __future__ import annotations

from analysis.model import MetricSpec

_WORDS = (
    "Words are runs of two letters or more outside code, formulas, addresses and tags; in Han, kana, Thai, Lao, "
    "Khmer, Burmese and Tibetan every letter is one. Latin words in a trace of another script that are names, "
    "units, acronyms or variables are of no language and are left out."
)
_R1 = "DeepSeek-R1, arXiv 2501.12948, 2.3.2 (language consistency reward)"
_GUZMAN = "Guzmán et al. 2017, Metrics for modeling code-switching across corpora"

METRICS = (
    MetricSpec(
        "matrix_language", "Main language", "language code", "ISO 639-1",
        "The language of most words of the reasoning. The asked language wins where it (or its script) holds at "
        "least 30 % of the words.",
        "ours (operational form of the matrix language of Myers-Scotton 1993)", "text",
    ),
    MetricSpec(
        "target_language", "Asked language", "language code", "ISO 639-1",
        "The language that was asked for, else the language of the question.", "ours", "text",
    ),
    MetricSpec(
        "thinks_in_other_language", "Thinks in another language", "", "true/false",
        "Whether the main language of the reasoning is not the asked one. Not mixing: a trace can be wholly in "
        "another language without one foreign word.", "ours", "boolean",
    ),
    MetricSpec(
        "languages", "Languages", "code:share", "shares sum to 1",
        f"Share of the words in each language, the largest first: 'en:0.98 zh:0.02'. {_WORDS}", "ours", "text",
    ),
    MetricSpec(
        "n_language_spans", "Foreign stretches", "spans", ">= 0",
        "Number of language_mixing findings, slips and quotes.", "ours", "integer",
    ),
    MetricSpec(
        "n_language_slips", "Language slips", "spans", ">= 0",
        "Foreign stretches that are no quote: the headline count of mixing.", "ours", "integer",
    ),
    MetricSpec(
        "has_language_slip", "Has a slip", "", "true/false",
        "Whether there is a language slip; its mean over a cell is the share of traces that mix.", "ours", "boolean",
    ),
    MetricSpec(
        "n_language_quotes", "Foreign quotes", "spans", ">= 0",
        "Foreign stretches in quotation marks, or whose words the question has.",
        "ours, after Yong et al. 2025 (arXiv 2505.08408), where quotes are most of what is mixed", "integer",
    ),
    MetricSpec(
        "language_slip_rate", "Slips a thousand words", "spans per 1,000 words", ">= 0",
        f"1000 * n_language_slips / words. {_WORDS}", "ours",
    ),
    MetricSpec(
        "foreign_share", "Foreign share", "share of letters", "0-1",
        "Letters inside language_mixing findings / letters, outside code, formulas, addresses and tags. The same "
        "as foreign_char_share.", "ours",
    ),
    MetricSpec(
        "foreign_char_share", "Foreign letters", "share of letters", "0-1",
        "Letters of another language than the main one / letters of any language.", "ours",
    ),
    MetricSpec(
        "foreign_word_share", "Foreign words", "share of words", "0-1",
        f"Words of another language than the main one / words of any language. {_WORDS}", "ours",
    ),
    MetricSpec(
        "language_consistency", "Language consistency", "share of words", "0-1",
        f"Num(words in the asked language) / Num(words). {_WORDS}",
        f"{_R1}; its tokenisation is not stated, this one is ours",
    ),
    MetricSpec(
        "language_consistency_words", "Language consistency, equal words", "share of words", "0-1",
        "As language_consistency, but letters of scripts without spaces count as words of usual length: Han 1/1.6, "
        "kana 1/2.5, Thai, Lao, Khmer, Burmese and Tibetan 1/4 of a word a letter.",
        f"{_R1}; the lengths are ours",
    ),
    MetricSpec(
        "language_consistency_chars", "Language consistency, letters", "share of letters", "0-1",
        "Letters of words in the asked language / letters of words in any language.", f"{_R1}, over letters",
    ),
    MetricSpec(
        "language_entropy", "Language entropy", "bits", "0 - log2 k",
        "-sum p log2 p over the shares p of the k languages among the words.", _GUZMAN,
    ),
    MetricSpec(
        "line_language_entropy", "Line language entropy", "bits", "0 - log2 k",
        "The same over lines: each line that has words counts once, for the language of most of its words.",
        "Wang et al. 2025, arXiv 2505.14815, 4.1 (log base and identifier are ours)",
    ),
    MetricSpec(
        "code_mixing_index", "Code-mixing index", "", "0-100",
        "CMI = 100 (1 - max_l n_l / (n - u)) of n words, u of no language.", "Das and Gambäck 2014",
    ),
    MetricSpec(
        "m_index", "Multilingual index", "", "0-1",
        "(1 - sum p^2) / ((k - 1) sum p^2) over the shares p of k languages; 0 for one language.",
        "Barnett et al. 2000, LIDES",
    ),
    MetricSpec(
        "i_index", "Integration index", "share", "0-1",
        "Switches / (words with a language - 1).", _GUZMAN,
    ),
    MetricSpec(
        "n_language_switches", "Language switches", "switches", ">= 0",
        "How often a word is in another language than the word before it; words of no language are skipped.",
        "as in Li et al. 2025, arXiv 2507.15849 (their label tokens and formulas are left out here too)", "integer",
    ),
    MetricSpec(
        "first_switch_frac", "First switch at", "share of the text", "0-1",
        "Start of the first foreign stretch / length of the reasoning, in characters.", "ours",
    ),
    MetricSpec(
        "language_burstiness", "Burstiness of language spans", "", "-1 - 1",
        "(s - m) / (s + m) of the lengths of language spans in words; s is the population standard deviation, m the "
        "mean. At least two spans.", "Goh and Barabási 2008; Guzmán et al. 2017",
    ),
    MetricSpec(
        "span_entropy", "Span entropy", "bits", ">= 0",
        "-sum p log2 p over the distribution of the lengths of language spans in words.", _GUZMAN,
    ),
    MetricSpec(
        "language_memory", "Memory of language spans", "correlation", "-1 - 1",
        "Correlation of the lengths of consecutive language spans. At least three spans whose lengths vary.",
        "Goh and Barabási 2008; Guzmán et al. 2017",
    ),
)  # fmt: skip
"""In the order in which they are shown."""
