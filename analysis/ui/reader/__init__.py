"""The trace reader: continuous text with highlight layers that the browser shows and hides."""

from analysis.ui.reader.component import show
from analysis.ui.reader.live import surface
from analysis.ui.reader.payload import parse_at, parse_layers, payload

__all__ = ["parse_at", "parse_layers", "payload", "show", "surface"]
