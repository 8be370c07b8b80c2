"""Which addresses CoTScope connects to: http and https, never link-local or metadata addresses.

A name is resolved once, every address it gives is checked, and the connection is made to the address
that was checked: a name that changes its mind in between gains nothing. Loopback and private
networks are allowed, as that is where model servers stand.
"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from analysis.engines.protocol import EngineUnavailableError, UnsafeAddressError

_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254",
         "fd20:ce::254"),
    )
)  # fmt: skip
"""Addresses at which clouds hand out credentials (AWS, Alibaba, Azure, Oracle, Google)."""
_NAMES = frozenset(("metadata", "metadata.google.internal", "instance-data"))
_EMBEDDED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
"""IPv6 networks whose last 32 bits are an IPv4 address (NAT64, IPv4-compatible)."""
REMEDY = "Give the address of a model server, as in http://127.0.0.1:8000/v1."
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_url(url: str) -> str:
    """The base URL of an endpoint without a trailing slash.

    Raises ``UnsafeAddressError`` for another scheme, for credentials inside the URL (they would be
    stored and shown), and for a host that is refused.
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UnsafeAddressError(f"This is no address: {error}.", remedy=REMEDY) from error
    if parts.scheme not in ("http", "https"):
        raise UnsafeAddressError("Only http and https addresses are opened.", remedy=REMEDY)
    if not host:
        raise UnsafeAddressError("The address names no host.", remedy=REMEDY)
    if parts.username is not None or parts.password is not None:
        raise UnsafeAddressError(
            "The address holds a user name or password.",
            remedy="Put the key into an environment variable and name that.",
        )
    if parts.query or parts.fragment:
        raise UnsafeAddressError("The address ends in a query or fragment.", remedy=REMEDY)
    if any(character.isspace() or ord(character) < 32 for character in url.strip()):
        raise UnsafeAddressError("The address holds white space.", remedy=REMEDY)
    _check_name(host)
    with suppress(ValueError):  # a name: checked when it is resolved
        refuse(ipaddress.ip_address(host.split("%")[0]))
    return url.strip().rstrip("/")


def resolve(host: str, port: int) -> list[str]:
    """The addresses to try, checked. One refused address among several refuses the name."""
    _check_name(host)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EngineUnavailableError(
            f"The host {host[:100]!r} cannot be found.", remedy="Check the address and the network."
        ) from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        refuse(ipaddress.ip_address(address.split("%")[0]))
    return list(dict.fromkeys(addresses))


def refuse(address: Address) -> None:
    """Raise ``UnsafeAddressError`` for an address that is never connected to."""
    for one in _meanings(address):
        if (
            one in _METADATA
            or one.is_link_local
            or one.is_multicast
            or one.is_unspecified
            or (one.is_reserved and not one.is_loopback)
        ):
            raise UnsafeAddressError(
                f"The address {address} is not connected to: it is link-local, a cloud's metadata"
                " service, or no host.",
                remedy=REMEDY,
            )


def _meanings(address: Address) -> list[Address]:
    """The address and the IPv4 address that it wraps, if it does."""
    found: list[Address] = []
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        teredo = address.teredo
        if inner is None and teredo is not None:
            inner = teredo[1]
        plain = address.is_loopback or address.is_unspecified
        if inner is None and not plain and any(address in network for network in _EMBEDDED):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return [inner]
    found.append(address)
    return found


def _check_name(host: str) -> None:
    if host.lower().rstrip(".") in _NAMES:
        raise UnsafeAddressError(f"The host {host!r} is a cloud's metadata service.", remedy=REMEDY)
