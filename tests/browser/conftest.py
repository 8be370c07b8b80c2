"""The app in a real Chromium, on a database of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from analysis import serving
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import expand_paths, import_file

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A busy machine is slow, not wrong.
expect.set_options(timeout=90_000)
START_SECONDS = 300.0
TEST_SECONDS = 900
SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class App:
    """A running app: where it answers, and its database (held by the app while it runs)."""

    url: str
    database: Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a browser test once more: a busy machine drops frames. A fault fails twice; pytest counts reruns."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(database: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the app as `cotscope app` does and wait until it is healthy."""
    port = free_port()
    log = (database.parent / "server.log").open("wb")
    process = subprocess.Popen(
        serving.command(port=port),
        env={**os.environ, "COTSCOPE_DB": str(database)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as reply:
                if reply.status == 200:
                    return process, url
        except OSError:
            time.sleep(0.3)
        if process.poll() is not None:
            break
    process.kill()
    raise RuntimeError(f"the app did not start:\n{Path(log.name).read_text()[-3000:]}")


def serve(database: Path) -> Iterator[App]:
    process, url = start(database)
    try:
        yield App(url, database)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Iterator[App]:
    """The app on the sample traces."""
    database = tmp_path_factory.mktemp("app") / "samples.duckdb"
    with open_store(database) as store:
        for path in expand_paths([samples]):
            import_file(store, path)
        analyze(store)
    yield from serve(database)


@pytest.fixture
def empty_app(tmp_path: Path) -> Iterator[App]:
    """The app on a new, empty database."""
    yield from serve(tmp_path / "empty.duckdb")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    named = os.environ.get("CHROMIUM")
    found = named or next((p for name in SYSTEM_BROWSERS if (p := shutil.which(name))), None)
    launched = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
    yield launched
    launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    made.set_default_timeout(90_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page whose console errors and dialogs are kept in ``page.problems``."""
    opened = context.new_page()
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Below a page's path Streamlit first asks for its health there, gets a 404, and goes up.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            problems.append(f"{message.text} {message.location}")

    opened.on("console", note)
    opened.on("pageerror", lambda e: problems.append(str(e)))
    opened.on("dialog", lambda d: (problems.append(f"dialog: {d.message}"), d.dismiss()))
    opened.problems = problems  # type: ignore[attr-defined]
    return opened
