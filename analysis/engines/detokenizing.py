"""Token ids to text, piece by piece, without breaking a character or losing a space."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_HOLD = 8
"""A character is at most four bytes; more tokens without a whole one are shown as they are."""


class Detokenizer:
    """Feed it token ids; it gives the text that is sure.

    A token is decoded together with those before it, as tokenizers of the SentencePiece kind drop
    the space of a first token.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        """``decode`` turns ids into text."""
        self._decode = decode
        self._ids: list[int] = []
        self._read = 0
        self._shown = ""

    def feed(self, token: int) -> str:
        """The text that this token completes; empty while a character is open."""
        self._ids.append(token)
        whole = self._decode(self._ids)
        if whole.endswith("\ufffd") and len(self._ids) - self._read < _HOLD:
            return ""
        piece = whole[len(self._shown) :]
        # go on from the last token alone: the window stays small
        self._ids = self._ids[self._read :]
        self._shown = self._decode(self._ids)
        self._read = len(self._ids)
        return piece

    def end(self) -> str:
        """What was held back."""
        whole = self._decode(self._ids)
        piece = whole[len(self._shown) :]
        self._ids, self._read, self._shown = [], 0, ""
        return piece
