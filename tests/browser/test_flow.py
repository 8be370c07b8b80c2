"""The way of a researcher: upload a dump, see its findings, take the statistics home."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import urllib.request
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser

REASONING = (
    "We need the sum of the first ten odd numbers. That gives 100, since it is ten squared. "
    "So the answer is 100.\n\n"
    "Let me double-check this by adding them: 1 + 3 + 5 + 7 + 9 = 25, and 11 + 13 + 15 + 17 + 19 = 75. "
    "The total is 100, which matches.\n\n"
    "Alternatively, I could pair them: 1 + 19 = 20, five pairs, 5 · 20 = 100. So the answer is 100."
)
HOSTILE = "<img src=x onerror=alert(1)> **bold** ![x](http://127.0.0.1:9/beacon) 😀 $x$"


def dump(path: Path) -> Path:
    rows = [
        {
            "id": f"odd-{n}",
            "question": "What is the sum of the first ten odd numbers?",
            "reasoning": REASONING + ("" if n else "\n\n" + HOSTILE),
            "answer": "The answer is 100.",
            "model": "heron <b>32b</b>",
            "effort": ("low", "high")[n % 2],
            "gold": "100",
            "correct": True,
        }
        for n in range(4)
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join([*lines, '{"id": "cut", "reasoning": "We need']), encoding="utf-8")
    return path


def test_upload_findings_download(empty_app: App, page: Page, tmp_path: Path) -> None:
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    path = dump(tmp_path / "odd_numbers.jsonl")

    page.goto(f"{empty_app.url}/library")
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(str(path))
    expect(page.get_by_text("odd_numbers.jsonl").filter(visible=True).first).to_be_visible()
    page.get_by_role("button", name="Import").first.click()
    expect(page.get_by_text("4 traces analysed")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("1 record quarantined")).to_be_visible()

    page.goto(f"{empty_app.url}/reader?external_id=odd-0")
    expect(
        page.get_by_text("Let me double-check this", exact=False).filter(visible=True).first
    ).to_be_visible()
    reader = page.get_by_role("document", name="Reasoning")
    expect(reader).to_contain_text(HOSTILE)
    marks = page.locator("[data-labels~='verification_start']")
    expect(marks.first).to_contain_text("double-check")

    page.goto(f"{empty_app.url}/overthinking")
    downloads = page.get_by_test_id("stDownloadButton").get_by_role("button")
    with page.expect_download() as csv_download:
        downloads.filter(has_text="CSV").last.click()
    table = list(
        csv.DictReader(io.StringIO(Path(csv_download.value.path()).read_text("utf-8-sig")))
    )
    assert [row["external_id"] for row in table] == [f"odd-{n}" for n in range(4)]
    assert {row["final_answer"] for row in table} == {"100"}
    assert all(0 < float(row["first_final_frac"]) < 0.5 for row in table)
    with page.expect_download() as parquet_download:
        downloads.filter(has_text="Parquet").last.click()
    assert pq.read_table(parquet_download.value.path()).num_rows == 4

    assert page.problems == []  # type: ignore[attr-defined]
    assert [url for url in requests if not url.startswith((empty_app.url, "data:", "blob:"))] == []


@pytest.mark.parametrize(
    ("path", "sees"),
    [
        ("", "Worth a look"),
        ("library", "Data sets"),
        ("traces", "traces"),
        ("reader", "Final answer"),
        ("overthinking", "thinking"),
        ("compare", "Question"),
    ],
)
def test_every_page_opens_clean(app: App, page: Page, path: str, sees: str) -> None:
    page.goto(f"{app.url}/{path}")
    expect(page.get_by_text(sees, exact=False).filter(visible=True).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_filter_goes_into_the_address_and_back(app: App, page: Page) -> None:
    page.goto(f"{app.url}/traces?dataset=math-efforts&effort=high")
    expect(page.get_by_text("1 to 6 of 6 traces")).to_be_visible()
    page.get_by_role("textbox", name="Search").or_(page.get_by_label("Search")).first.fill(
        "divisors"
    )
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 to 6 of 6 traces")).to_have_count(0)
    page.wait_for_url("**text=divisors**")
    address = page.url
    counted = page.get_by_text(re.compile(r"^\d+ to \d+ of \d+ traces$"))
    shown = counted.inner_text()
    page.goto("about:blank")
    page.goto(address)
    expect(counted).to_have_text(shown)


def test_a_deep_link_is_the_first_thing_that_a_server_is_asked(empty_app: App, page: Page) -> None:
    page.goto(f"{empty_app.url}/library")
    expect(page.get_by_role("link", name="Traces")).to_be_visible()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def test_answers_carry_the_policy(app: App) -> None:
    with urllib.request.urlopen(app.url) as reply:
        policy = reply.headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert directives["connect-src"] == "'self'"
    assert "'unsafe-inline'" not in directives["script-src"]
    assert "'unsafe-eval'" not in directives["script-src"].replace("'wasm-unsafe-eval'", "")


def handshake(url: str, host: str) -> str:
    """The status line of a WebSocket handshake that claims to be for ``host``."""
    port = int(url.rsplit(":", 1)[1])
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}:{port}",
        f"Origin: http://{host}:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return connection.recv(200).decode("latin-1").splitlines()[0]


def test_a_page_that_renames_itself_to_this_machine_is_refused(app: App) -> None:
    assert " 101 " in handshake(app.url, "127.0.0.1")
    assert " 403 " in handshake(app.url, "evil.example")


def test_the_server_listens_on_the_loopback_only(app: App) -> None:
    port = int(app.url.rsplit(":", 1)[1])
    listening = Path("/proc/net/tcp")
    if not listening.exists():
        pytest.skip("needs /proc/net/tcp to see which addresses are bound")
    bound = set()
    for table in (listening, Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            local, state = line.split()[1], line.split()[3]
            address, hexport = local.split(":")
            if state == "0A" and int(hexport, 16) == port:
                bound.add(address)
    assert bound == {"0100007F"}
