"""Rewrite what in docs/ comes from code: metrics.md, the card of the detectors, and (--images) the pictures.

The pictures show every page on the sample traces, light and dark; docs/tour.md walks through them.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from analysis import serving
from analysis.evaluation.cards import write_documents
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import expand_paths, import_file

ROOT = Path(__file__).resolve().parent.parent
PORT = 8793
SIZE = {"width": 1440, "height": 900}
COLOURS = 128
"""Pictures are kept small: so many colours, and two thirds of the size on the screen."""
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


def metrics() -> None:
    """docs/metrics.md from the registry of metrics."""
    done = subprocess.run(
        [sys.executable, "-m", "analysis.views.metrics_doc"], check=True, capture_output=True
    )
    (ROOT / "docs" / "metrics.md").write_bytes(done.stdout)


def pictures() -> None:
    """Pictures of the app on the sample traces, taken in Chromium."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "samples.duckdb"
        with open_store(database) as store:
            for path in expand_paths([ROOT / "sample_traces"]):
                import_file(store, path)
            analyze(store)
        server = subprocess.Popen(
            serving.command(port=PORT), env={**os.environ, "COTSCOPE_DB": str(database)}
        )
        try:
            _wait(f"http://127.0.0.1:{PORT}/_stcore/health")
            with sync_playwright() as playwright:
                named = os.environ.get("CHROMIUM") or shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=named, args=["--no-sandbox"])
                page = browser.new_page(viewport=SIZE)
                for name, path in PICTURES.items():
                    page.goto(f"http://127.0.0.1:{PORT}/{path}")
                    page.get_by_test_id("stMain").wait_for(timeout=60_000)
                    page.get_by_text("Running", exact=True).wait_for(state="hidden")
                    page.wait_for_timeout(6_000)
                    for scheme in ("light", "dark"):
                        page.emulate_media(color_scheme=scheme)
                        page.wait_for_timeout(1_500)
                        _save(page.screenshot(), f"{name}-{scheme}.png")
                browser.close()
        finally:
            server.terminate()
            server.wait()


def _save(shot: bytes, name: str) -> None:
    """A picture with few colours, which is a fifth of the bytes."""
    from PIL import Image

    drawn = Image.open(io.BytesIO(shot)).convert("RGB")
    drawn = drawn.resize(
        (SIZE["width"] * 2 // 3, SIZE["height"] * 2 // 3), Image.Resampling.LANCZOS
    )
    drawn.quantize(COLOURS).save(ROOT / "docs" / "images" / name, optimize=True)


def _wait(url: str) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"the app did not answer at {url}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", action="store_true")
    metrics()
    write_documents(root=ROOT)
    (ROOT / "docs" / "images").mkdir(exist_ok=True)
    if parser.parse_args().images:
        pictures()
