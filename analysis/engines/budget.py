"""A budget of thinking tokens, held over token ids: the end of thinking is forced or forbidden.

One gate watches one sequence. It is used by the engines that run in this process; a vLLM server has
its own (``thinking_token_budget``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FORBIDDEN = np.float32(-np.inf)


class ThinkGate:
    """Counts the thinking tokens of a sequence and says what may come next.

    Thinking begins behind ``open_ids`` (also where they stand in the prompt) and ends with
    ``close_ids``. A sequence that never opens its thinking is never touched.
    """

    def __init__(
        self,
        prompt: Sequence[int],
        open_ids: Sequence[int],
        close_ids: Sequence[int],
        *,
        most: int | None = None,
        fewest: int | None = None,
        force_ids: Sequence[int] | None = None,
    ) -> None:
        """``most`` and ``fewest`` count thinking tokens, those in the prompt included.

        ``force_ids`` is what a budget writes; ``close_ids`` stand in it. None is ``close_ids``.
        """
        self._force = list(close_ids if force_ids is None else force_ids)
        self._open, self._close = tuple(open_ids), tuple(close_ids)
        self._most, self._fewest = most, fewest or 0
        self._pending: list[int] = []
        self._recent: list[int] = []
        self._closed = False
        self.count = 0
        """Thinking tokens so far, without the marks."""
        self.thinking = False
        start = _last(prompt, self._open)
        if start is not None and _last(prompt[start:], self._close) is None:
            self.thinking = True
            self.count = len(prompt) - start
            self._recent = list(prompt[start:])[-len(self._close) :]

    def forced(self) -> int | None:
        """The token that must come next, or None where the model chooses."""
        if self._pending:
            return self._pending[0]
        if self.thinking and self._most is not None and self.count >= self._most:
            self._pending = list(self._force)
            return self._pending[0]
        return None

    def forbid(self, logits: NDArray[np.float32], stop_ids: Sequence[int]) -> NDArray[np.float32]:
        """The logits without what would end the thinking too early."""
        if not self.thinking or self.count >= self._fewest:
            return logits
        almost = self._close[:-1]
        banned = list(stop_ids)
        if not almost or tuple(self._recent[-len(almost) :]) == almost:
            banned.append(self._close[-1])
        logits = logits.copy()
        logits[banned] = FORBIDDEN
        return logits

    def see(self, token: int) -> None:
        """Take note of the token that came."""
        forced = bool(self._pending) and token == self._pending[0]
        if forced:
            self._pending.pop(0)
        self._recent.append(token)
        if not self.thinking:
            # Thinking is opened once: a mark in the answer is text.
            if not self._closed and tuple(self._recent[-len(self._open) :]) == self._open:
                self.thinking, self.count, self._recent = True, 0, []
            return
        self.count += not forced
        if tuple(self._recent[-len(self._close) :]) == self._close:
            self.thinking, self._closed = False, True
            self.count = max(0, self.count - (0 if forced else len(self._close)))
        elif len(self._recent) > 4 * len(self._close):
            del self._recent[: -len(self._close)]


def _last(ids: Sequence[int], part: Sequence[int]) -> int | None:
    """Behind the last place where ``part`` stands in ``ids``."""
    size = len(part)
    if size == 0:
        return None
    for at in range(len(ids) - size, -1, -1):
        if tuple(ids[at : at + size]) == tuple(part):
            return at + size
    return None
