"""Build analysis/lexicons/languages/words.xz: python -m scripts.build_word_lists

Needs ``pip install wordfreq gruut-lang-sw`` here only, never at run time. From wordfreq 3.1.1 (data
CC-BY-SA-4.0) come the most frequent words of each Latin-script language; the words of Swahili, which
it lacks, are those of the lexicon of gruut-lang-sw 2.0.1 (MIT) that have the syllables of Swahili,
and the hand-written lists of ``function_words.toml``. A second part holds, for words in no list, how
likely each three letters are in each language. The output is the same in every run.
"""

from __future__ import annotations

import lzma
import math
import sqlite3
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from analysis.analyzers.word_lists import CODES, is_syllabic, trigrams

HERE = Path(__file__).resolve().parent.parent / "analysis" / "lexicons" / "languages"
LISTS = {"no": "nb", "hr": "sh", "tl": "fil"}
"""Names of our languages in wordfreq, where they differ."""
SIZE = {"en": 120_000}
SIZE_OTHER = 25_000
FUNCTION_ZIPF, HAND_ZIPF = 6.8, 5.2
FLAT_ZIPF = 3.6
"""For words of a list without frequencies."""
TOP_WORDS, OVERSHOOT = 40, 1.5
"""How many words show what a list owes to another language, and by how much more it is cleaned."""
INFLECTED_ZIPF = 2.8
"""The least for an English word that is inflected as one: it is no foreign word in an English text."""
MIN_COUNT = 12
"""Rarer sequences of three letters tell nothing."""


def hand_lists(language: str) -> tuple[list[str], list[str]]:
    """Function words and common words of a language without a frequency list, written by hand."""
    if language not in ("sw", "fy"):
        return [], []
    table = tomllib.loads((HERE / "function_words.toml").read_text("utf-8"))
    return table["words"][language].split(), table["common"][language].split()


def frequencies(language: str) -> dict[str, float]:
    """Word to zipf value (log10 of occurrences in 10^9 words)."""
    functions, common = hand_lists(language)
    hand = dict.fromkeys(common, HAND_ZIPF) | dict.fromkeys(functions, FUNCTION_ZIPF)
    if language == "sw":
        return dict.fromkeys(swahili_lexicon(), FLAT_ZIPF) | hand
    if language == "fy":
        return hand
    from wordfreq import top_n_list, zipf_frequency

    name = LISTS.get(language, language)
    words = [w for w in top_n_list(name, SIZE.get(language, SIZE_OTHER) * 2) if usable(w)]
    words = words[: SIZE.get(language, SIZE_OTHER)]
    return {word: zipf_frequency(word, name) for word in words}


def without_loans(lists: dict[str, dict[str, float]]) -> dict[str, float]:
    """The Swahili words without those that are English: the lexicon holds what was said on radio."""
    hand = {word for words in hand_lists("sw") for word in words}
    loans = {word for word, zipf in lists["en"].items() if zipf >= 2.6}
    return {w: z for w, z in lists["sw"].items() if w in hand or w not in loans}


def without_foreign(lists: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The lists less what they owe to texts of other languages in their sources.

    How much of list A is really B is seen in B's most usual words: those that A does not share are
    in A only by such texts (``the`` is in every list). That share of B is taken off A.
    """
    whole = {code: words for code, words in lists.items() if code not in ("sw", "fy")}
    power = {code: {w: 10**z for w, z in words.items()} for code, words in whole.items()}
    tops = {
        code: sorted(words, key=lambda w: -words[w])[:TOP_WORDS] for code, words in whole.items()
    }
    cleaned = dict(lists)
    for code, words in power.items():
        shares = {}
        for other, top in tops.items():
            if other != code:
                ratios = sorted(words.get(w, 0.0) / power[other][w] for w in top)
                shares[other] = OVERSHOOT * ratios[len(ratios) // 5]
        kept = {}
        for word, own in words.items():
            rest = own - sum(part * power[other].get(word, 0.0) for other, part in shares.items())
            if code == "en" and is_inflected(word, words):
                kept[word] = max(math.log10(own), INFLECTED_ZIPF)
            elif rest >= 0.25 * own:
                kept[word] = math.log10(rest)
        cleaned[code] = kept
    return cleaned


def is_inflected(word: str, words: Mapping[str, float]) -> bool:
    """Whether English inflects a word: *mutter* is English for *muttering*, not only German."""
    stem = word.removesuffix("e")
    return stem + "ing" in words and (stem + "ed" in words or stem + "er" in words)


def usable(word: str) -> bool:
    """Letters only: words with apostrophes are looked up in parts."""
    return word.isalpha() and len(word) <= 24 and word == word.lower()


def swahili_lexicon() -> list[str]:
    """Short words of the lexicon that are built of Swahili syllables."""
    spec = find_spec("gruut_lang_sw")
    if spec is None or spec.origin is None:
        sys.exit("pip install gruut-lang-sw")
    with sqlite3.connect(Path(spec.origin).parent / "lexicon.db") as lexicon:
        rows = lexicon.execute("SELECT DISTINCT word FROM word_phonemes").fetchall()
    words = sorted({word for (word,) in rows})
    return [w for w in words if usable(w) and 3 <= len(w) <= 9 and is_syllabic(w)]


def three_letters(lists: dict[str, dict[str, float]]) -> dict[str, list[int]]:
    """-10 log10 P(third letter | first two), by language, from the words that are its own."""
    counts: dict[str, Counter[str]] = {}
    for language, words in lists.items():
        counted: Counter[str] = Counter()
        for word, zipf in words.items():
            best = max(other.get(word, 0.0) for other in lists.values())
            if zipf + 0.8 < best:
                continue
            for three in trigrams(word):
                counted[three] += 1
        counts[language] = counted
    names = sorted({t for c in counts.values() for t, n in c.items() if n >= MIN_COUNT})
    table: dict[str, list[int]] = {three: [] for three in names}
    for counted in counts.values():
        heads: Counter[str] = Counter()
        for three, n in counted.items():
            heads[three[:2]] += n
        for three in names:
            p = (counted[three] + 0.05) / (heads[three[:2]] + 2.0)
            table[three].append(min(50, round(-10 * math.log10(p))))
    return table


def main() -> None:
    """Write the file and say how large it is."""
    lists = {language: frequencies(language) for language in CODES}
    lists["sw"] = without_loans(lists)
    lists = without_foreign(lists)
    lines: dict[str, str] = {}
    for index, (language, words) in enumerate(lists.items()):
        for word, zipf in words.items():
            pair = chr(97 + index) + chr(33 + min(80, round(10 * zipf)))
            lines[word] = lines.get(word, "") + pair
        print(language, len(words), round(min(words.values()), 2))  # noqa: T201
    body = "\n".join(f"{word}\t{lines[word]}" for word in sorted(lines, key=str.encode))
    # Frisian has too few words for letters to be counted.
    own = {language: words for language, words in lists.items() if language != "fy"}
    threes = three_letters(own)
    tail = "\n".join(t + "\t" + "".join(chr(40 + v) for v in threes[t]) for t in sorted(threes))
    raw = (body + "\n\n" + tail).encode()
    packed = lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME)
    (HERE / "words.xz").write_bytes(packed)
    print(len(lines), "words", len(threes), "threes", len(raw), "bytes", len(packed), "packed")  # noqa: T201


if __name__ == "__main__":
    main()
