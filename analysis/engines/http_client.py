"""Requests to an endpoint: guarded addresses, no redirects, limits, retries, no key in any message."""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from analysis import limits
from analysis.engines.address import REMEDY, check_url, resolve
from analysis.engines.protocol import (
    EngineError,
    EngineGoneError,
    EngineUnavailableError,
    UnsafeAddressError,
)
from analysis.progress import CancelToken

if TYPE_CHECKING:
    import httpx2 as httpx

RETRIED = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
_KEY = re.compile(r"[!-~]+")
"""What can stand in a header. A library quotes one that cannot, key and all, in its complaint."""
_MESSAGE_CHARS = 400


def key_from_environment(name: str | None) -> str | None:
    """The key that an environment variable holds; None without a name.

    Raises ``EngineError`` for a variable that is not set or for what is no variable's name.
    """
    if not name:
        return None
    if not _NAME.fullmatch(name):
        raise EngineError(
            "The key is given as the NAME of an environment variable, in capitals.",
            remedy="Set the variable, and give its name.",
        )
    value = os.environ.get(name, "").strip()
    if not value:
        raise EngineError(f"The environment variable {name} is not set.", remedy="Set it first.")
    return value


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is and how patient to be."""

    base_url: str
    """Up to and with ``/v1``."""
    api_key: str | None = field(default=None, repr=False)
    connect_seconds: float = 10.0
    read_seconds: float = 600.0
    """Between two pieces of a reply; a long prompt is read in silence."""
    retries: int = 4
    first_wait_seconds: float = 0.5
    most_wait_seconds: float = 60.0
    max_bytes: int = limits.MAX_REPLY_BYTES


class Client:
    """A pool of connections to one endpoint. Thread-safe."""

    def __init__(
        self,
        endpoint: Endpoint,
        concurrency: int = 64,
        ended: Callable[[], str | None] | None = None,
    ) -> None:
        """``ended`` tells why the server is gone for good, where somebody here watches it.

        Raises ``UnsafeAddressError`` for an address that is refused, and ``EngineError`` for a key that
        no header can hold.
        """
        import httpx2 as httpx

        if endpoint.api_key and not _KEY.fullmatch(endpoint.api_key):
            raise EngineError(
                "The key holds a space, a line break or a letter that no key has.",
                remedy="Set the variable again, to the key alone.",
            )
        self._httpx = httpx
        self.endpoint = endpoint
        self.base = check_url(endpoint.base_url)
        try:
            httpx.URL(self.base)
        except httpx.InvalidURL as error:
            raise UnsafeAddressError(f"This is no address: {error}.", remedy=REMEDY) from error
        self.root = self.base.removesuffix("/v1")
        headers = {"User-Agent": "cotscope", "Accept-Encoding": "identity"}
        if endpoint.api_key:
            headers["Authorization"] = f"Bearer {endpoint.api_key}"
        self._client = httpx.Client(
            transport=_guarded(httpx, concurrency),
            headers=headers,
            timeout=httpx.Timeout(endpoint.read_seconds, connect=endpoint.connect_seconds),
            follow_redirects=False,
            trust_env=False,
        )
        self._watch = _Watch()
        self._ended = ended

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What reading a reply may raise when the connection fails."""
        return (self._httpx.HTTPError, self._httpx.StreamError, OSError)

    @property
    def host(self) -> str:
        """Host and port, for messages and records."""
        return urlsplit(self.base).netloc

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def scrub(self, text: str) -> str:
        """A message of a server or library without the key, on one line, cut to length."""
        key = self.endpoint.api_key
        if key:
            text = text.replace(key, "***")
        return " ".join(text.split())[:_MESSAGE_CHARS]

    def get(self, path: str, *, seconds: float = 10.0, base: str | None = None) -> Any | None:
        """The JSON at a path; None where there is none. Raises if the server cannot be reached."""
        return self._ask("GET", (base or self.base) + path, None, seconds)

    def ask(self, path: str, body: Mapping[str, Any], *, base: str | None = None) -> Any | None:
        """The JSON that a POST gives; None where the server does not know the path or refuses."""
        return self._ask("POST", (base or self.base) + path, body, self.endpoint.read_seconds)

    def _ask(
        self, method: str, url: str, body: Mapping[str, Any] | None, seconds: float
    ) -> Any | None:
        timeout = self._httpx.Timeout(seconds, connect=self.endpoint.connect_seconds)
        content = None if body is None else orjson.dumps(body)
        headers = {} if content is None else {"Content-Type": "application/json"}
        try:
            with self._client.stream(
                method, url, content=content, headers=headers, timeout=timeout
            ) as reply:
                if reply.status_code in (401, 403):
                    raise EngineError(
                        f"{self.host} refused the key (status {reply.status_code}).",
                        remedy="Name the environment variable that holds the right key.",
                    )
                data = b"".join(self.body(reply))
        except (self._httpx.ConnectError, self._httpx.ConnectTimeout) as error:
            raise self.unreachable(error) from error
        except self._httpx.HTTPError:
            return None
        if reply.status_code != 200:
            return None
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return None

    def body(self, reply: httpx.Response) -> Iterator[bytes]:
        """The pieces of a reply's body. Raises ``EngineError`` beyond the limit."""
        size = 0
        for piece in reply.iter_raw():
            size += len(piece)
            if size > self.endpoint.max_bytes:
                raise EngineError(
                    f"{self.host} sent more than {self.endpoint.max_bytes:,} bytes for one reply."
                )
            yield piece

    @contextmanager
    def post(
        self, path: str, body: Mapping[str, Any], cancel: CancelToken | None = None
    ) -> Iterator[httpx.Response]:
        """A reply with status 200, its body still to be read; retried where that may help.

        Raises ``EngineError`` with what the server said.
        """
        reply = self._sent(path, orjson.dumps(body), cancel)
        stream = reply.extensions.get("network_stream")
        try:
            with self._watch.over(stream, cancel):
                yield reply
        finally:
            reply.close()

    def _sent(self, path: str, content: bytes, cancel: CancelToken | None) -> httpx.Response:
        httpx = self._httpx
        said: EngineError | None = None
        for attempt in range(self.endpoint.retries + 1):
            if cancel is not None:
                cancel.raise_if_cancelled()
            request = self._client.build_request(
                "POST",
                self.base + path,
                content=content,
                headers={"Content-Type": "application/json"},
            )
            asked: float | None = None
            try:
                reply = self._client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.RemoteProtocolError) as error:
                said = self.unreachable(error)
                if isinstance(said, EngineGoneError):
                    raise said from error
            except httpx.HTTPError as error:
                raise EngineError(f"{self.host} did not answer: {self.fault(error)}") from error
            else:
                if reply.status_code == 200:
                    return reply
                said = self._refusal(reply)
                asked = _retry_after(reply.headers.get("retry-after"))
                if reply.status_code not in RETRIED:
                    raise said
            if attempt < self.endpoint.retries:
                wait = self._wait(attempt, asked)
                if wait is None:
                    break
                _sleep(wait, cancel)
        assert said is not None
        raise said

    def _wait(self, attempt: int, asked: float | None) -> float | None:
        """Seconds until the next try; None where the server asks for more than we wait."""
        most = self.endpoint.most_wait_seconds
        if asked is not None:
            return asked if asked <= most else None
        grown: float = self.endpoint.first_wait_seconds * 2**attempt
        return min(most, grown * (0.5 + random.random()))

    def _refusal(self, reply: httpx.Response) -> EngineError:
        """What a reply that is not 200 says."""
        try:
            data = b""
            for piece in self.body(reply):
                data += piece
                if len(data) > 65536:
                    break
        except (self._httpx.HTTPError, EngineError):
            data = b""
        finally:
            reply.close()
        status = reply.status_code
        if 300 <= status < 400:
            return EngineError(
                f"{self.host} redirects (status {status}), which is not followed.",
                remedy="Give the address that it redirects to.",
            )
        told = self.scrub(_message(data))
        remedy = {401: "Check the key.", 403: "Check the key.", 404: "Check address and model."}
        return EngineError(
            f"{self.host} answered with status {status}: {told or 'no reason given'}",
            remedy=remedy.get(status, ""),
        )

    def unreachable(self, error: Exception) -> EngineUnavailableError:
        """A connection that cannot be made, in our words."""
        if self._ended is not None and (why := self._ended()) is not None:
            return EngineGoneError(why)
        return EngineUnavailableError(
            f"{self.host} cannot be reached: {self.fault(error).rstrip('.')}.",
            remedy="Is the server running, and is the address right?",
        )

    def fault(self, error: Exception) -> str:
        """An exception of the client as a short text."""
        return self.scrub(
            f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        )


def _guarded(httpx: Any, concurrency: int) -> Any:
    """A transport that connects to the checked address of a name, and to no other."""
    inner = httpx.HTTPTransport(
        trust_env=False,
        limits=httpx.Limits(max_connections=concurrency + 4, max_keepalive_connections=concurrency),
    )

    class Guarded(httpx.BaseTransport):  # type: ignore[misc]
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            url = request.url
            host = url.host
            port = url.port or (443 if url.scheme == "https" else 80)
            # The Host header is set already; a certificate is still checked against the name.
            request.extensions = {**request.extensions, "sni_hostname": host}
            *others, last = resolve(host, port)
            for address in others:
                request.url = url.copy_with(host=address)
                try:
                    return inner.handle_request(request)
                except httpx.ConnectError:
                    continue  # "localhost" is two addresses, and a server listens on one of them
            request.url = url.copy_with(host=last)
            return inner.handle_request(request)

        def close(self) -> None:
            inner.close()

    return Guarded()


class _Watch:
    """Ends the connections of work that was cancelled while it waits for the next piece."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, tuple[Any, CancelToken]] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, stream: Any, cancel: CancelToken | None) -> Iterator[None]:
        if stream is None or cancel is None:
            yield
            return
        with self._lock:
            self._open[id(stream)] = (stream, cancel)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._open.pop(id(stream), None)

    def _run(self) -> None:
        import socket

        while True:
            time.sleep(0.1)
            with self._lock:
                if not self._open:
                    self._thread = None
                    return
                ended = [s for s, cancel in self._open.values() if cancel.cancelled]
            for stream in ended:
                raw = stream.get_extra_info("socket")
                try:
                    if raw is not None:
                        raw.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it has ended by itself


def _sleep(seconds: float, cancel: CancelToken | None) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if cancel is not None:
            cancel.raise_if_cancelled()
        time.sleep(min(0.1, left))


def _retry_after(value: str | None) -> float | None:
    """Seconds that a server asks to wait: a number or a date."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if seconds == seconds else None


def _message(data: bytes) -> str:
    """The message of an error body, in the shapes of the servers."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return data[:_MESSAGE_CHARS].decode("utf-8", "replace")
    for _ in range(3):
        if not isinstance(value, dict):
            break
        value = next((value[k] for k in ("error", "message", "detail") if value.get(k)), value)
        if isinstance(value, str):
            return value
    return str(value)[:_MESSAGE_CHARS]
