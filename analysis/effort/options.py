"""The constants of measures that papers set differently: options, printed beside the numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Every constant that a measure of a cell depends on."""

    oaa_t_max: float = 1000.0
    """Tokens at which the area under OAA ends (2508.13141; its code has 1,000 throughout)."""
    easy_below: float = 0.5
    """A question is easy when its difficulty is below this, else hard (for F1_otb)."""
    overthinking_above: float = 0.5
    """A correct trace overthinks when it spends more than this share after its final answer."""
    aes_length: float = 1.0
    aes_gain: float = 3.0
    aes_loss: float = 5.0
    """Weights of AES: length, accuracy gained, accuracy lost (O1-Pruner, 2501.12570)."""

    @property
    def aes_constants(self) -> str:
        """The weights of AES as a table prints them."""
        return f"{self.aes_length:g}, {self.aes_gain:g}, {self.aes_loss:g}"


DEFAULT = Options()
