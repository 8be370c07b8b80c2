"""Regular expressions of people, through RE2: linear in the text, whatever the pattern.

RE2 has no look-around and no back-references; a pattern that needs them is refused with what to
write instead. A pattern that matches the empty text would find everything, and is refused too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from analysis.errors import SearchSyntaxError
from analysis.search.query import Regex

_ADVICE = (
    (re.compile(r"\(\?<?[=!]"), "Look-around, (?=…) (?!…) (?<=…) (?<!…), is not supported.",
     "Match the neighbourhood too, or combine searches: words and -words beside the pattern."),
    (re.compile(r"\\[1-9]|\(\?P="), "Back-references, \\1 or (?P=name), are not supported.",
     "Spell the alternatives out: (a.*a|b.*b)."),
    (re.compile(r"\(\?>|[*+?}]\+"), "Atomic groups and possessive quantifiers are not supported.",
     "Leave the extra + or ?> out: every search takes linear time anyway."),
    (re.compile(r"\\[uU]"), "\\u is not supported.", "Write the character itself, or \\x{4E2D}."),
)  # fmt: skip
_EMPTY_PROBES = (b"", b"a", b" a ")
_MAX_PROGRAM_BYTES = 16 << 20


@lru_cache(maxsize=64)
def compile_regex(regex: Regex) -> Any:
    """The compiled pattern, for ``str`` and for UTF-8 ``bytes``. Raises ``SearchSyntaxError``."""
    import re2

    options = re2.Options()
    options.max_mem = _MAX_PROGRAM_BYTES
    options.log_errors = False
    pattern = f"(?{regex.flags}:{regex.pattern})" if regex.flags else regex.pattern
    try:
        re2.compile(regex.pattern, options)  # so that a ) too many is not taken for ours
        compiled = re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        raise _refused(regex.pattern, str(error)) from None
    if re.search(r"(?<!\\)(?:\\\\)*\\C", regex.pattern):
        raise _refused(regex.pattern, "\\C (a single byte) is not supported")
    for probe in _EMPTY_PROBES:
        found = compiled.search(probe)
        if found is not None and found.start() == found.end():
            raise SearchSyntaxError(
                f"The pattern {regex.pattern[:80]!r} also matches nothing at all, so it would be"
                " found everywhere.",
                remedy="Let it need at least one character, for example + in place of *.",
            )
    return compiled


def _refused(pattern: str, reason: str) -> SearchSyntaxError:
    for probe, message, remedy in _ADVICE:
        if probe.search(pattern):
            return SearchSyntaxError(message, remedy=remedy)
    if reason.startswith("b'") or reason.startswith('b"'):
        reason = reason[2:-1]
    return SearchSyntaxError(
        f"The regular expression {pattern[:80]!r} cannot be read: {reason[:200]}.",
        remedy="The syntax is that of RE2: https://github.com/google/re2/wiki/Syntax",
    )


def regex_spans(regex: Regex, text: str, limit: int) -> Iterator[tuple[int, int]]:
    """(start, end) of matches that are not empty, in code points; at most ``limit``."""
    for count, match in enumerate(compile_regex(regex).finditer(text)):
        if count >= limit:
            return
        start, end = match.span()
        if end > start:
            yield start, end
