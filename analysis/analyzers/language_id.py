"""Naming the language of a text: by script first, by function words within Latin script.

Good for a whole trace or a paragraph; never asked about a word or two. No model, no download.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from analysis.analyzers import scripts
from analysis.analyzers.word_lists import CODES, word_lists

SAMPLE_CHARS = 30_000
"""How much of a text is read to name a Latin-script language."""
SHORT_CHARS = 1_000
HINT_SHARE = 0.3
MIN_SHARE = 0.15
"""A language whose function words are a smaller part of the words is not theirs."""
MIN_HITS = 3
"""Fewer function words name no language."""
HAN_PER_WORD = 1.6
"""Letters of Han, Kana or Thai that weigh as much as one spaced word (``dominant`` only)."""
KANA_SHARE = 0.15
"""This share of kana among Han and kana makes a text Japanese."""
RELATIVES = {
    "sk": "cs", "gl": "pt", "ast": "es", "oc": "ca", "ms": "id", "jv": "id", "bs": "hr", "sr": "hr", "sl": "hr",
    "af": "nl", "lb": "de", "az": "tr", "et": "fi", "la": "it",
}  # fmt: skip
"""Languages without lists, and the one with a list that their texts are taken for: where one of them
was asked for, the other is it."""
_LOWER_WORD = re.compile(r"(?:[^\W\d_]{2,}|[^\W\d_a-z])(?:['’][^\W\d_]+)?")
"""Single ASCII letters are variables more often than words."""


@lru_cache(maxsize=1)
def stop_words() -> Mapping[str, frozenset[str]]:
    """Function words by language (``lexicons/languages/function_words.toml``)."""
    table = tomllib.loads(
        (files("analysis") / "lexicons" / "languages" / "function_words.toml").read_text("utf-8")
    )
    return {language: frozenset(words.split()) for language, words in table["words"].items()}


@lru_cache(maxsize=1)
def _languages_of_word() -> Mapping[str, tuple[str, ...]]:
    by_word: dict[str, list[str]] = {}
    for language, words in stop_words().items():
        for word in sorted(words):
            by_word.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in by_word.items()}


def votes(text: str) -> Mapping[str, float]:
    """Function words of each language in the head of a text, shared words divided among theirs."""
    return _count(text)[0]


def _count(text: str, hint: str | None = None) -> tuple[dict[str, float], Counter[str], int]:
    """Weighted votes and plain hits by language, and the number of words."""
    weighted: dict[str, float] = {}
    hits: Counter[str] = Counter()
    table = _languages_of_word()
    words = _LOWER_WORD.findall(text[:SAMPLE_CHARS].lower())
    for word, times in Counter(words).items():
        languages = table.get(word, ())
        for language in languages:
            if language == "fy" and hint != "fy":
                continue  # so close to Dutch that it is only found where it was asked for
            weighted[language] = weighted.get(language, 0.0) + times / len(languages)
            hits[language] += times
    return weighted, hits, len(words)


def latin_language(text: str, hint: str | None = None) -> str | None:
    """The Latin-script language of a text by its function words; None when they do not tell.

    A word counts 1 divided by the number of languages that share it. ``hint``, the language that
    was asked for, wins where ``HINT_SHARE`` of the words that tell it from the likeliest are its
    own. A text with few function words is judged by all its words.
    """
    weighted, hits, total = _count(text, hint)
    best = max(sorted(weighted), key=lambda language: weighted[language], default=None)
    if best is None or hits[best] < MIN_HITS:
        return _by_word_lists(text, hint)
    if hits[best] < MIN_SHARE * total:
        best = _by_word_lists(text, hint) or best
    if hint and RELATIVES.get(hint) == best:
        return hint
    if hint and hint != best and hint in stop_words():
        mine, theirs = _told_apart(text, hint, best)
        if mine and mine >= HINT_SHARE * (mine + theirs):
            return hint
        if weighted.get(hint, 0.0) >= 0.8 * weighted[best]:
            return hint
        if len(text) <= SHORT_CHARS:
            return _by_word_lists(text, hint) or best
    return best


def _told_apart(text: str, one: str, other: str) -> tuple[int, int]:
    """Function words of one language that the other has not, and the other way round."""
    counted = Counter(_LOWER_WORD.findall(text[:SAMPLE_CHARS].lower()))
    table = stop_words()
    mine = sum(counted[word] for word in table[one] - table[other])
    return mine, sum(counted[word] for word in table[other] - table[one])


def _by_word_lists(text: str, hint: str | None) -> str | None:
    """The language in whose list the words of a short text are the most common."""
    found = [w for w in _LOWER_WORD.findall(text[:SHORT_CHARS].lower()) if len(w) > 1]
    known = [zipf for zipf in map(word_lists().zipf, found) if zipf]
    if len(known) < MIN_HITS:
        return None
    if hint in CODES:
        close = sum(zipf.get(hint, 0.0) >= max(zipf.values()) - 1.0 for zipf in known)
        if close >= HINT_SHARE * len(known):
            return hint
    totals = {code: sum(zipf.get(code, 2.0) for zipf in known) for code in CODES}
    return max(CODES, key=lambda code: totals[code])


@dataclass(frozen=True, slots=True)
class Profile:
    """How much of a text is in which script: words of Latin, letters of the others."""

    latin_words: int
    letters: Mapping[str, int]

    @property
    def words(self) -> Mapping[str, float]:
        """Words by script; letters of scripts without spaces count ``1 / HAN_PER_WORD`` each."""
        weights = {"Latin": float(self.latin_words)}
        for script, count in self.letters.items():
            per_word = HAN_PER_WORD if script in scripts.PER_CHARACTER else 5.0
            weights[script] = count / per_word
        return weights


def profile(latin_words: int, runs: Sequence[tuple[str, int, int]]) -> Profile:
    """Count a text whose runs of non-Latin letters are known."""
    letters: Counter[str] = Counter()
    for script, start, end in runs:
        letters[script] += end - start
    return Profile(latin_words, dict(letters))


def dominant(
    shares: Profile, text: str, hint: str | None, *, hint_share: float = 0.3
) -> str | None:
    """The main (matrix) language of a text; None when it has no words to tell.

    ``hint``, the language that was asked for, wins where its scripts hold at least ``hint_share``
    of the words: a Chinese trace with a long English quotation stays Chinese.
    """
    words = {script: count for script, count in shares.words.items() if script != "Greek"}
    total = sum(words.values())
    if total == 0:
        return None
    home = scripts.scripts_of(hint) if hint else frozenset[str]()
    if hint and sum(words.get(name, 0) for name in home) >= hint_share * total:
        if hint not in ("zh", "ja") and "Latin" not in home:
            return hint
        script = "Latin" if "Latin" in home else "Han"
    else:
        script = max(sorted(words), key=lambda name: words[name])
        if words.get("Han", 0) + words.get("Kana", 0) >= words[script]:
            script = "Han"
    if script == "Latin":
        return latin_language(text, hint)
    if script in ("Han", "Kana"):
        kana, han = shares.letters.get("Kana", 0), shares.letters.get("Han", 0)
        return "ja" if kana >= KANA_SHARE * (kana + han) else "zh"
    sample = text if len(text) < SAMPLE_CHARS else text[:SAMPLE_CHARS]
    letters = "".join(sorted(set(sample)))
    return scripts.language_of(script, letters, hint)


_NAMES = {
    "english": "en", "chinese": "zh", "mandarin": "zh", "japanese": "ja", "korean": "ko", "german": "de", "french": "fr",
    "spanish": "es", "portuguese": "pt", "italian": "it", "dutch": "nl", "russian": "ru", "ukrainian": "uk",
    "turkish": "tr", "polish": "pl", "czech": "cs", "swedish": "sv", "vietnamese": "vi", "indonesian": "id",
    "thai": "th", "hindi": "hi", "bengali": "bn", "telugu": "te", "tamil": "ta", "swahili": "sw", "arabic": "ar",
    "hebrew": "he", "greek": "el", "persian": "fa", "farsi": "fa", "urdu": "ur", "中文": "zh", "日本語": "ja",
}  # fmt: skip


def code_of(language: str | None) -> str | None:
    """``'zh'`` for ``'zh-CN'``, ``'ZH'``, ``'Chinese'``; None for nothing and for what is no language."""
    name = (language or "").strip().lower()
    if name in _NAMES:
        return _NAMES[name]
    code = re.split(r"[-_]", name)[0]
    code = {"nb": "no", "nn": "no", "fil": "tl", "cmn": "zh", "in": "id", "iw": "he"}.get(
        code, code
    )
    return code if 2 <= len(code) <= 3 and code.isascii() and code.isalpha() else None


def of_text(text: str | None) -> str | None:
    """The language of a short text such as a question; None when it cannot be told."""
    if not text or not text.strip():
        return None
    found = scripts.runs(text)
    latin = sum(1 for word in scripts.LATIN_WORD.findall(text) if len(word) > 1)
    return dominant(profile(latin, found), text, None)
