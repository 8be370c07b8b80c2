"""A plotly figure as SVG, PNG or JSON, with what made it inside, the same bytes in every run.

SVG and PNG are drawn by plotly's own writer, kaleido, in a Chrome or Chromium of this machine; the
page that it opens loads plotly.js from the installed package and nothing from a network.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import orjson
import plotly.graph_objects as go

from analysis.errors import ExportError, UsageError
from analysis.text.visible import visible

IMAGES = (".svg", ".png")
WIDTH = 900
"""Pixels; the height is the figure's own."""
SECONDS = 120
_PNG_SCALE = 2
_UID = re.compile(
    r"""(?<=id=")([a-z]+)([0-9a-f]{6})(?=[a-z0-9_-]*")|(?<=id="defs-)([0-9a-f]{6})(?=")"""
)
_PNG_HEAD = 8 + 25
"""Signature and first chunk (IHDR)."""


def render(figure: go.Figure, suffix: str, *, title: str, about: Mapping[str, str]) -> bytes:
    """``figure`` as a file for a paper: white, with its title; ``about`` goes inside as metadata.

    Raises ``UsageError`` for another ending, ``ExportError`` where no browser can draw it.
    """
    figure = for_print(figure, title, about)
    suffix = suffix.lower()
    if suffix == ".json":
        return as_json(figure) + b"\n"
    if suffix not in IMAGES:
        raise UsageError(f"{suffix!r} is not a format of a figure.")
    drawn = _draw(figure, suffix[1:])
    note = "; ".join(f"{key}: {visible(value)}" for key, value in sorted(about.items()))
    return _svg(drawn, title, note) if suffix == ".svg" else _png(drawn, f"CoTScope; {note}")


def for_print(figure: go.Figure, title: str, about: Mapping[str, str]) -> go.Figure:
    """A copy on white paper with its title; ``layout.meta`` says what made it."""
    made = go.Figure(figure)
    for place, trace in enumerate(made.data):
        trace.uid = f"{place:06d}"  # otherwise random, and part of the SVG
    made.update_layout(
        template="plotly_white",
        width=WIDTH,
        height=(figure.layout.height or 360) + 60,
        title={"text": title, "x": 0.01, "y": 0.99, "yanchor": "top", "pad": {"t": 8}},
        # A figure may want more on its right, for slanted names.
        margin={"t": 76, "l": 12, "r": max(30, figure.layout.margin.r or 0), "b": 16},
        font={"family": "Helvetica, Arial, sans-serif", "size": 13, "color": "#1a1a1a"},
        meta=dict(about),
    )
    return made


def as_json(figure: go.Figure) -> bytes:
    """The figure as plotly reads it, keys sorted."""
    return orjson.dumps(orjson.loads(figure.to_json(engine="json")), option=orjson.OPT_SORT_KEYS)


def _draw(figure: go.Figure, form: str) -> bytes:
    try:
        import kaleido
        from kaleido.errors import (
            BrowserClosedError,
            BrowserFailedError,
            ChromeNotFoundError,
            JavascriptError,
            KaleidoError,
        )
    except ImportError as error:
        raise ExportError(
            "An image needs the package kaleido, which is not installed.",
            remedy="Install it with: pip install 'cotscope[figures]', or write the figure as .json.",
        ) from error
    options: dict[str, Any] = {
        "format": form,
        "width": figure.layout.width,
        "height": figure.layout.height,
        "scale": _PNG_SCALE if form == "png" else 1,
    }
    try:
        # Without mathjax: kaleido would load that from the network.
        page = kaleido.PageGenerator(mathjax=False)
        return bytes(
            kaleido.calc_fig_sync(
                figure, opts=options, kopts={"page_generator": page, "timeout": SECONDS}
            )
        )
    except ChromeNotFoundError as error:
        raise ExportError(
            "An image is drawn by Chrome or Chromium, and neither is found on this machine.",
            remedy="Install Chromium, or name it in the variable BROWSER_PATH, or write the figure"
            " as .json.",
        ) from error
    except (
        BrowserClosedError,
        BrowserFailedError,
        KaleidoError,
        JavascriptError,
        TimeoutError,
    ) as error:
        raise ExportError(
            f"The browser did not draw the figure: {visible(str(error))[:300]}",
            remedy="Try again, name another browser in the variable BROWSER_PATH, or write .json.",
        ) from error


def _svg(drawn: bytes, title: str, note: str) -> bytes:
    """Fixed ids in place of random ones, and what made it as title and description."""
    text = drawn.decode()
    uids = {found[2] or found[3] for found in _UID.finditer(text)}
    for uid in sorted(uids):
        # Only in ids and in what refers to them: a text of the figure may hold the same letters.
        text = re.sub(rf'((?:id="|url\([^)]{{0,40}}#|href="#)[a-z-]+){uid}', r"\g<1>000000", text)
    head, start, rest = text.partition("<svg")
    opening, end, rest = rest.partition(">")
    inside = f"<title>{escape(title)}</title><desc>{escape(f'CoTScope; {note}')}</desc>"
    return f"{head}{start}{opening}{end}{inside}{rest}\n".encode()


def _png(drawn: bytes, note: str) -> bytes:
    """An iTXt chunk behind the first one: UTF-8, not compressed."""
    body = b"iTXtDescription\x00\x00\x00\x00\x00" + note.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return drawn[:_PNG_HEAD] + chunk + drawn[_PNG_HEAD:]
