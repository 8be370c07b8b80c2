"""What `cotscope app` serves: the Streamlit app behind a Content-Security-Policy.

The policy is the second wall. The first is that trace text never becomes markup (``ui/text.py``);
should it ever, the browser still fetches nothing from elsewhere and runs no script of it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from analysis.serving import app_path

_INLINE = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def policy() -> str:
    """The Content-Security-Policy: nothing from another origin, no inline script but Streamlit's."""
    index = resources.files("streamlit").joinpath("static/index.html").read_bytes()
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'"
        for body in _INLINE.findall(index)
    )
    return "; ".join(
        (
            "default-src 'self'",
            # Streamlit loads the scripts of components (ours) from blob addresses; Arrow needs wasm.
            f"script-src 'self' blob: 'wasm-unsafe-eval' {hashes}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Adds the policy and its companions to every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._headers = [
            (b"content-security-policy", policy().encode("ascii")),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self.app(scope, receive, with_headers)


# app.py registers its pages itself. Without this, the first visitor of a deep link would get the
# bare file from pages/, found by Streamlit's older discovery, because app.py has not run yet.
PagesManager.uses_pages_directory = False

ASSETS = Path(__file__).with_name("assets")
"""Files of others that the pages load when they are first needed (KaTeX); nothing else is there."""


def not_here(_: Request) -> Response:
    """The server does not answer below a page's path, where Streamlit's script looks for it first.

    The script then goes up, whatever is not a success. A 404 would stand in the browser's console as
    an error on every page that is opened by its address; this does not.
    """
    return Response(status_code=304)


app = st.App(
    app_path(),
    middleware=[Middleware(SecurityHeaders)],
    routes=[
        Mount("/cotscope-assets", app=StaticFiles(directory=ASSETS), name="assets"),
        *(Route(f"/{{page}}/_stcore/{what}", not_here) for what in ("health", "host-config")),
    ],
)
