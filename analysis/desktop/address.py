"""Addresses: which belong to our server, and the one that offers files for import."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, urlencode, urlsplit

from analysis.errors import UsageError
from analysis.limits import MAX_DROPPED_FILES, MAX_DROPPED_URL_CHARS

_OWN_SCHEMES = {"http": "http", "ws": "http"}


def is_inside(address: str, origin: str) -> bool:
    """Whether an address is served by ``origin`` (such as ``http://127.0.0.1:41234``).

    Scheme, host and port have to be the same; a WebSocket of the same host and port counts as well,
    and so does ``blob:`` followed by such an address. A name and password in it never do.
    """
    try:
        own = urlsplit(origin)
        asked = urlsplit(address.removeprefix("blob:"))
        scheme = _OWN_SCHEMES.get(asked.scheme)
        if scheme is None or asked.username is not None or asked.password is not None:
            return False
        return (scheme, asked.hostname, asked.port) == (own.scheme, own.hostname, own.port)
    except ValueError:
        return False


def is_web(address: str) -> bool:
    """Whether an address may be handed to the person's browser."""
    try:
        return urlsplit(address).scheme in {"http", "https"}
    except ValueError:
        return False


def import_address(origin: str, paths: Sequence[str], *, now: str = "") -> str:
    """The Library page with these files of this machine filled in; nothing is imported by opening it.

    ``now`` is the address that is shown at present: the language chosen there stays. Raises ``UsageError`` where they are too many for one address, or a name has a line break.
    """
    if any("\n" in path or "\r" in path for path in paths):
        raise UsageError(
            "A file's name has a line break in it.", remedy="Rename the file, or drop its folder."
        )
    language = parse_qs(urlsplit(now).query).get("lang", [])[:1]
    query = [*(("path", path) for path in paths), *(("lang", code) for code in language)]
    address = f"{origin}/library?{urlencode(query)}"
    if len(paths) > MAX_DROPPED_FILES or len(address) > MAX_DROPPED_URL_CHARS:
        raise UsageError(
            f"These are too many files at once ({len(paths):,}).",
            remedy=f"Drop their folder instead, or up to {MAX_DROPPED_FILES} files.",
        )
    return address
