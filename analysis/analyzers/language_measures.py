"""Published measures of language mixing over a sequence of words with a language each.

A sequence is given as runs: ``(language, count)`` in order, where ``language`` is None for what
belongs to no language (numbers, formulas, names) and ``count`` is in words or any other unit.
Neutral items neither end a run of a language nor count as words. Everything is a pure function;
what is undefined is None.

Sources: Das and Gambäck 2014 (CMI); Barnett et al. 2000 (M-index); Guzmán et al. 2017 (I-index,
entropy, burstiness, span entropy, memory); Goh and Barabási 2008 (burstiness, memory).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

Run = tuple[str | None, float]
"""A language, or None for neutral, and how many words in a row are of it."""


def runs_of(tokens: Iterable[str | None]) -> list[Run]:
    """The runs of a sequence of one language code (or None) a word."""
    runs: list[Run] = []
    for token in tokens:
        if runs and runs[-1][0] == token:
            runs[-1] = (token, runs[-1][1] + 1)
        else:
            runs.append((token, 1))
    return runs


def spans_of(runs: Iterable[Run]) -> list[tuple[str, float]]:
    """Maximal spans of one language: neutral runs are left out and do not part what they stand in."""
    spans: list[tuple[str, float]] = []
    for language, count in runs:
        if language is None or count <= 0:
            continue
        if spans and spans[-1][0] == language:
            spans[-1] = (language, spans[-1][1] + count)
        else:
            spans.append((language, count))
    return spans


def totals(runs: Iterable[Run]) -> dict[str, float]:
    """Words of each language."""
    counts: dict[str, float] = {}
    for language, count in runs:
        if language is not None and count > 0:
            counts[language] = counts.get(language, 0.0) + count
    return counts


def shares(counts: Mapping[str, float]) -> dict[str, float]:
    """Share of each language, the largest first."""
    total = sum(counts.values())
    if total <= 0:
        return {}
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {language: count / total for language, count in ordered}


def code_mixing_index(counts: Mapping[str, float]) -> float | None:
    """CMI, 0..100: ``100 (1 - max_l n_l / (n - u))`` of n words with u neutral ones; None for n = u.

    Das and Gambäck set it to 0 where no word has a language; here that is undefined.
    """
    total = sum(counts.values())
    return None if total <= 0 else 100.0 * (1.0 - max(counts.values()) / total)


def m_index(counts: Mapping[str, float]) -> float | None:
    """M-index, 0..1: ``(1 - sum p^2) / ((k - 1) sum p^2)`` of k languages; 0 for one language."""
    parts = list(shares(counts).values())
    if not parts:
        return None
    squares = sum(part * part for part in parts)
    return 0.0 if len(parts) == 1 else (1.0 - squares) / ((len(parts) - 1) * squares)


def i_index(spans: Sequence[tuple[str, float]]) -> float | None:
    """I-index, 0..1: switches / (words with a language - 1); None for fewer than two words."""
    words = sum(count for _, count in spans)
    return None if words <= 1 else min(1.0, switches(spans) / (words - 1))


def switches(spans: Sequence[tuple[str, float]]) -> int:
    """How often a word is in another language than the word with a language before it."""
    return max(0, len(spans) - 1)


def entropy(counts: Mapping[str, float]) -> float | None:
    """Entropy of the shares of the languages, in bits: ``-sum p log2 p``; None without words."""
    parts = list(shares(counts).values())
    return abs(sum(part * math.log2(part) for part in parts)) if parts else None


def burstiness(lengths: Sequence[float]) -> float | None:
    """Burstiness of span lengths, -1..1: ``(s - m) / (s + m)``, s the population deviation, m the mean.

    -1 is perfectly regular, 0 as a Poisson process, towards 1 is bursty. The population deviation
    (division by n) is used, as Goh and Barabási define it for a distribution; published code also
    uses the sample deviation, which gives other numbers. None for fewer than two spans.
    """
    if len(lengths) < 2:
        return None
    mean = sum(lengths) / len(lengths)
    deviation = math.sqrt(sum((length - mean) ** 2 for length in lengths) / len(lengths))
    return (deviation - mean) / (deviation + mean)


def span_entropy(lengths: Sequence[float]) -> float | None:
    """Entropy of the distribution of span lengths, in bits; None without a span."""
    return entropy({str(length): n for length, n in Counter(lengths).items()})


def memory(lengths: Sequence[float]) -> float | None:
    """Correlation of the lengths of consecutive spans, -1..1; None where it is undefined.

    Undefined are fewer than three spans, and lengths that do not vary.
    """
    first, second = lengths[:-1], lengths[1:]
    if len(first) < 2:
        return None
    mean_1, mean_2 = sum(first) / len(first), sum(second) / len(second)
    var_1 = sum((a - mean_1) ** 2 for a in first)
    var_2 = sum((b - mean_2) ** 2 for b in second)
    if var_1 <= 1e-12 or var_2 <= 1e-12:
        return None
    both = sum((a - mean_1) * (b - mean_2) for a, b in zip(first, second, strict=True))
    return max(-1.0, min(1.0, both / math.sqrt(var_1 * var_2)))


def consistency(counts: Mapping[str, float], target: str | None) -> float | None:
    """Words of the target language / words of any language (DeepSeek-R1's reward); None without either."""
    total = sum(counts.values())
    return None if target is None or total <= 0 else counts.get(target, 0.0) / total


def shares_text(counts: Mapping[str, float], most: int = 8) -> str | None:
    """The shares as text, the largest first: ``'en:0.98 zh:0.02'``; None without words.

    A share that would round to 0 is written ``<0.01``, so that one stray word is seen.
    """
    parts = list(shares(counts).items())[:most]
    if not parts:
        return None
    return " ".join(
        f"{language}:{part:.2f}" if part >= 0.005 else f"{language}:<0.01"
        for language, part in parts
    )
