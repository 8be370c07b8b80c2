"""A TCP proxy that cuts, garbles or withholds what a server says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Cut(bytes):
    """What is passed on last, before the connection is cut."""


class Held(bytes):
    """What is passed on last, before the connection falls silent and stays open."""


Doing = Callable[[int, bytes], bytes]
"""From the count of bytes before and a piece of a reply to what is passed on of it."""


class Proxy:
    """Passes everything on; replies through ``do`` where it is set."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.do: Doing | None = None
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                server = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(
                    target=self._pass, args=(client, server, False), daemon=True
                ).start()
                threading.Thread(
                    target=self._pass, args=(server, client, True), daemon=True
                ).start()

    def _pass(self, source: socket.socket, target: socket.socket, reply: bool) -> None:
        count = 0
        with suppress(OSError):
            while piece := source.recv(65536):
                passed = self.do(count, piece) if reply and self.do is not None else piece
                count += len(piece)
                target.sendall(passed)
                if isinstance(passed, Held):
                    return  # until the client goes: then the other direction ends both
                if isinstance(passed, Cut):
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()


def late(after: int, fault: Callable[[bytes], bytes]) -> Doing:
    """A fault from a byte of a connection's replies on, however the bytes come in pieces."""

    def do(count: int, piece: bytes) -> bytes:
        at = max(0, after - count)
        head, tail = piece[:at], piece[at:]
        if not tail:
            return head
        made = fault(tail)
        return type(made)(head + made)

    return do


@contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
