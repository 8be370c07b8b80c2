"""Speed of the reading surface in Chromium: python -m benchmarks.reader [--rounds 5]

Needs the ``dev`` extra (playwright) and a Chromium (``$CHROMIUM``, or one on the path). A small
Streamlit app draws the reasoning of the sample traces, joined to one text, on a click: in the
Reader's component with made findings, or with plain ``st.markdown``. Measured is the time from the click until the frame
in which the end of the text stands in the page, in rounds that alternate: wall-clock time, and CPU
time of server and browser together (Linux only), which other work on the machine disturbs less. Given
are medians and their ratios to ``st.markdown``, which has no highlights to draw. ``whole_ms`` is when
the Reader has drawn every highlight, those far below the screen too. Then the Reader is scrolled in
jumps and in steps of a screen, once a round: the longest frame of each round.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from bisect import bisect_right
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from analysis.analyzers.documents import make_document
from analysis.ui.reader.payload import payload
from analysis.views.reader import FindingRow, ReaderView, SentenceRow
from benchmarks.metrics import documents

SIZES = ((60_000, 640), (500_000, 5_300))
"""Characters and findings."""
KINDS = ("markdown", "reader")

APP = """
import json, sys
from pathlib import Path
import streamlit as st
from analysis.ui.reader.component import show

size = st.query_params.get("size", "60000")
kind = st.query_params.get("kind", "reader")
data = json.loads((Path({folder!r}) / f"{{size}}.json").read_text())
if st.button("Show"):
    if kind == "reader":
        show(data, key="reader")
    else:
        st.markdown(data["text"])
"""

END = "This is the very end."

PAINT = """async ([kind, end]) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const main = document.querySelector('[data-testid=stMain]');
  const button = [...main.querySelectorAll('button')].find((b) => b.textContent.includes('Show'));
  const host = () => [...main.querySelectorAll('*')].find((e) => e.shadowRoot)?.shadowRoot;
  const there = () => {
    if (kind === 'reader') {
      const where = (host() ?? main).querySelector('.reader .where');
      const pane = (host() ?? main).querySelector('.reader .text');
      return where?.textContent.includes('% read') && pane.textContent.trimEnd().endsWith(end);
    }
    const last = [...main.querySelectorAll('[data-testid=stMarkdownContainer]')].pop();
    return last?.textContent.trimEnd().endsWith(end);
  };
  const began = performance.now();
  button.click();
  while (!there()) await frame();
  await frame();
  await frame();
  return performance.now() - began;
}"""

WHOLE = """async () => {
  const main = document.querySelector('[data-testid=stMain]');
  const host = [...main.querySelectorAll('*')].find((e) => e.shadowRoot)?.shadowRoot ?? main;
  const blocks = [...host.querySelectorAll('.reader .text .block')];
  const since = performance.now();
  while (!blocks.every((block) => block.firstElementChild)) await new Promise((done) => requestAnimationFrame(done));
  return performance.now() - since;
}"""

SCROLL = """async (by) => {
  const main = document.querySelector('[data-testid=stMain]');
  const host = [...main.querySelectorAll('*')].find((e) => e.shadowRoot)?.shadowRoot ?? main;
  const pane = host.querySelector('.reader .text');
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  pane.scrollTop = 0;
  for (let n = 0; n < 20; n++) await frame();
  const times = [];
  let last = performance.now();
  for (let n = 0; n < 60; n++) {
    if (by === 'jump') pane.scrollTop = (((n * 7) % 12) / 12) * pane.scrollHeight;
    else pane.scrollTop += 0.9 * pane.clientHeight;
    await frame();
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  return times;
}"""


def made(size: int, findings: int) -> dict[str, Any]:
    """What the component is sent for a text of ``size`` characters with so many findings."""
    tail = "\n\n" + END
    text = "\n\n".join(d.reasoning for d in documents(2 * size / 1e6))[: size - len(tail)] + tail
    document = make_document("t", text)
    thoughts = [t.first_sentence for t in document.thoughts]
    sentences = tuple(
        SentenceRow(s.index, s.start, s.end, bisect_right(thoughts, s.index) - 1)
        for s in document.sentences
    )
    labels = ("backtracking", "verification", "candidate_answer", "deduction", "planning")
    rows = sorted(
        (
            FindingRow("made", "1", labels[i % len(labels)], s.start, s.start + 12 + i % 60, 0.9, None, {})
            for i, s in ((k, sentences[k * (len(sentences) - 1) // findings]) for k in range(findings))
        ),
        key=lambda row: row.start,
    )  # fmt: skip
    trace = dict.fromkeys(
        (
            "answer",
            "extracted_answer",
            "gold_answer",
            "correct",
            "correct_source",
            "probes",
        )
    )
    trace |= {"trace_id": "t", "reasoning": text, "reasoning_kind": "visible", "metadata": {}}
    view = ReaderView(dict(trace), "made.jsonl", sentences, tuple(rows), {}, (), ())
    return payload(view, definitions={}, specs={}, layers=list(labels))


def serve(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The small app, once it answers."""
    script = folder / "bench_app.py"
    script.write_text(APP.format(folder=str(folder)), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ("server.headless=true", f"server.port={port}", "browser.gatherUsageStats=false",
               "server.fileWatcherType=none", "server.address=127.0.0.1")  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), *(f"--{o}" for o in options)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return process, url
        except OSError:
            time.sleep(0.3)
    process.kill()
    raise RuntimeError("the app did not start")


def cpu_ms() -> float:
    """CPU time of all our child processes (server and browser) so far; 0 where it is not told."""
    parents, used = {}, {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        parents[int(entry.parent.name)] = int(fields[1])
        used[int(entry.parent.name)] = int(fields[11]) + int(fields[12])
    ours, waiting = 0, {os.getpid()}
    while waiting:
        waiting = {pid for pid, parent in parents.items() if parent in waiting}
        ours += sum(used[pid] for pid in waiting)
    return 1000 * ours / os.sysconf("SC_CLK_TCK")


def opened(page: Page, url: str, kind: str, size: int) -> dict[str, float]:
    """Milliseconds from the click until the text is painted, and until all of it is drawn."""
    page.goto(f"{url}/?kind={kind}&size={size}")
    page.get_by_role("button", name="Show").wait_for()
    page.wait_for_load_state("networkidle")
    used = cpu_ms()
    wall = float(page.evaluate(PAINT, [kind, END]))
    found = {"wall": wall, "cpu": cpu_ms() - used}
    if kind == "reader":
        found["whole"] = wall + float(page.evaluate(WHOLE))
    return found


def measure(page: Page, url: str, size: int, rounds: int) -> dict[str, Any]:
    """Both kinds at one size, and how the Reader scrolls."""
    times: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for _ in range(rounds + 1):
        for kind in KINDS:
            times[kind].append(opened(page, url, kind, size))

    def median(kind: str, what: str) -> float:
        return statistics.median(one[what] for one in times[kind][1:])  # the first is to warm up

    frames = {by: [page.evaluate(SCROLL, by) for _ in range(rounds)] for by in ("jump", "screen")}
    return {
        "paint_ms": {kind: round(median(kind, "wall")) for kind in KINDS},
        "ratio": round(median("reader", "wall") / median("markdown", "wall"), 3),
        "cpu_ms": {kind: round(median(kind, "cpu")) for kind in KINDS},
        "cpu_ratio": round(median("reader", "cpu") / max(1.0, median("markdown", "cpu")), 3),
        "whole_ms": round(median("reader", "whole")),
        "longest_frame_ms": {by: [round(max(one)) for one in of] for by, of in frames.items()},
        "median_frame_ms": {
            by: round(statistics.median(t for one in of for t in one)) for by, of in frames.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("CHROMIUM") or next(
        (p for n in names if (p := shutil.which(n))), None
    )
    result: dict[str, Any] = {"load": os.getloadavg()}
    with tempfile.TemporaryDirectory() as kept, sync_playwright() as playwright:
        for size, findings in SIZES:
            data = made(size, findings)
            result[str(size)] = {"characters": len(data["text"]), "findings": len(data["findings"])}
            (Path(kept) / f"{size}.json").write_text(json.dumps(data), encoding="utf-8")
        process, url = serve(Path(kept))
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(120_000)
            for size, _ in SIZES:
                result[str(size)] |= measure(page, url, size, args.rounds)
        finally:
            browser.close()
            process.terminate()
            process.wait(timeout=20)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
