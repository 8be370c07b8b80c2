"""Starting the app: on the loopback only, with no telemetry, whatever folder one stands in."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import socket
import sys
from pathlib import Path

from analysis.errors import UsageError
from analysis.limits import MAX_UPLOAD_MB

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8501

SETTINGS: dict[str, str | int | bool | list[str]] = {
    "server.headless": True,
    "server.allowedHosts": ["localhost", "127.0.0.1"],
    "server.maxUploadSize": MAX_UPLOAD_MB,
    "server.enableStaticServing": False,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.xsrfCookieSameSite": "strict",
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "client.showSidebarNavigation": False,
}
"""What `cotscope app` sets beside address and port; `.streamlit/config.toml` says the same."""


def app_path() -> Path:
    """``app.py``: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).resolve().parent
    for candidate in (package.parent / "app.py", package / "_app" / "app.py"):
        if candidate.is_file() and (candidate.parent / "pages").is_dir():
            return candidate
    raise UsageError(
        f"app.py was not found beside {package}.",
        remedy="Install cotscope again, or use a checkout.",
    )


def command(*, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> list[str]:
    """The command that serves the app. Raises ``UsageError`` for a host that is not loopback."""
    if not is_loopback(host):
        raise UsageError(
            f"CoTScope will not listen on {host}: it has no login, and anyone who reaches it could "
            "read your traces.",
            remedy="Use 127.0.0.1 and, from another machine, an SSH tunnel (ssh -L 8501:127.0.0.1:8501).",
        )
    web = Path(__file__).resolve().parent / "ui" / "web.py"
    arguments = [sys.executable, "-m", "streamlit", "run", str(web)]
    for name, value in {**SETTINGS, "server.address": host, "server.port": port}.items():
        for item in value if isinstance(value, list) else [value]:
            text = str(item).lower() if isinstance(item, bool) else str(item)
            arguments.append(f"--{name}={text}")
    return arguments


def is_loopback(host: str) -> bool:
    """Whether an address can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def port_in_use(host: str, port: int) -> bool:
    """Whether something already listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) == 0


def serve(database: Path, *, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> None:
    """Replace this process by the app's server. Does not return.

    Raises ``UsageError`` when the port is taken.
    """
    arguments = command(host=host, port=port)
    if port_in_use(host, port):
        raise UsageError(
            f"Port {port} on {host} is already in use, perhaps by another CoTScope.",
            remedy=f"Open http://{host}:{port}, or choose another with --port {port + 1}.",
        )
    if importlib.util.find_spec("streamlit") is None:
        raise UsageError("Streamlit is not installed.", remedy="Run: pip install cotscope")
    os.environ["COTSCOPE_DB"] = str(database.resolve())
    sys.stdout.flush()
    os.execv(arguments[0], arguments)
