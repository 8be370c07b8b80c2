"""Pictures of every page of the app on the sample traces, light and dark: for docs/ and for the tests."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from analysis import serving
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import expand_paths, import_file

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
PORT = 8793
WIDTH, HEIGHT = 1440, 900
SHOWN = (WIDTH * 2 // 3, HEIGHT * 2 // 3)
"""A picture is kept at two thirds of its size on the screen, and with few colours."""
COLOURS = 128
MOST_BYTES = 200_000
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PICTURES = {
    "home": "",
    "library": "library",
    "run": "run",
    "traces": "traces",
    "search": "search?q=%22let+me+check%22+label%3Averification%4050-100%25",
    "reader": "reader?external_id=me-divisors-360-high",
    "overthinking": "overthinking",
    "languages": "languages",
    "behaviours": "behaviours",
    "compare": "compare",
    "side-by-side": "compare?view=Side+by+side",
    "curate": "curate",
    "verdicts": "verdicts?show=stated+only",
    "accuracy": "accuracy",
    "annotate": "annotate",
}
"""Name of the picture -> address below the app's."""
TIMEOUT_MS = 90_000
_RUNNING = (
    "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
)
# Nothing in sight still loads, every chart is drawn, and all that takes colours from the theme has them.
_DRAWN = """(dark) => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean)];
  const all = (what) => roots.flatMap((root) => [...root.querySelectorAll(what)]);
  const inSight = (node) => {
    const { top, bottom, height } = node.getBoundingClientRect();
    return height > 0 && top < innerHeight && bottom > 0;
  };
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number);
    return 0.3 * red + 0.6 * green + 0.1 * blue > 128;
  };
  const app = document.querySelector("[data-testid=stApp]");
  return light(getComputedStyle(app).backgroundColor) !== dark
    && !all("[data-testid=stSkeleton], [data-testid=stSpinner]").some(inSight)
    && all("[data-testid=stPlotlyChart]").every((chart) => !chart.checkVisibility() || chart.querySelector(".main-svg"))
    && all(".reader").every((reader) => reader.classList.contains("dark") === dark)
    && !document.getAnimations().some((one) => one.playState === "running" && one.effect?.getTiming().iterations !== Infinity)
    && document.fonts.status === "loaded";
}"""
_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def wait_until_drawn(page: Page, scheme: Scheme) -> None:
    """Wait until the app is at rest and all of the page stands there in the colours of ``scheme``."""
    page.wait_for_selector(_RUNNING, state="attached", timeout=TIMEOUT_MS)
    page.wait_for_function(_DRAWN, arg=scheme == "dark", timeout=TIMEOUT_MS)
    page.evaluate(_FRAMES)


def open_page(page: Page, url: str, name: str) -> None:
    """Go to the page of a picture, in the light scheme, and wait for it."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(f"{url}/{PICTURES[name]}")
    page.get_by_test_id("stMain").wait_for(timeout=TIMEOUT_MS)
    page.get_by_role("heading", level=1).first.wait_for(timeout=TIMEOUT_MS)
    wait_until_drawn(page, "light")


def picture(page: Page, scheme: Scheme) -> bytes:
    """What the page looks like at ``WIDTH`` by ``HEIGHT``, as a small PNG of size ``SHOWN``."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    wait_until_drawn(page, scheme)
    drawn = Image.open(io.BytesIO(_at_rest(page))).convert("RGB")
    out = io.BytesIO()
    drawn.resize(SHOWN, Image.Resampling.LANCZOS).quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _at_rest(page: Page) -> bytes:
    """A screenshot that is the same as the one before: charts take the theme's colours late."""
    before = b""
    for _ in range(20):
        shot = page.screenshot()
        if shot == before:
            break
        before = shot
        page.evaluate(_FRAMES)
    return before


def take_all(folder: Path = FOLDER) -> None:
    """Every picture, into ``folder``; pictures of pages that are no more are removed."""
    folder.mkdir(exist_ok=True)
    with _served() as url, sync_playwright() as playwright:
        named = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=named, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for name in PICTURES:
            open_page(page, url, name)
            for scheme in SCHEMES:
                (folder / f"{name}-{scheme}.png").write_bytes(picture(page, scheme))
        browser.close()
    for path in set(folder.glob("*.png")) - {folder / name for name in file_names()}:
        path.unlink()


def file_names() -> set[str]:
    """The names of all pictures."""
    return {f"{name}-{scheme}.png" for name in PICTURES for scheme in SCHEMES}


@contextmanager
def _served() -> Iterator[str]:
    """The app on the sample traces, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "samples.duckdb"
        with open_store(database) as store:
            for path in expand_paths([ROOT / "sample_traces"]):
                import_file(store, path)
            analyze(store)
        url = f"http://127.0.0.1:{PORT}"
        server = subprocess.Popen(
            serving.command(port=PORT), env={**os.environ, "COTSCOPE_DB": str(database)}
        )
        try:
            _wait(f"{url}/_stcore/health")
            yield url
        finally:
            server.terminate()
            server.wait()


def _wait(url: str) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"the app did not answer at {url}")
