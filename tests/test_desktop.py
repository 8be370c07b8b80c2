"""`cotscope app --desktop`: the real command, in a real window, on a virtual screen."""

from __future__ import annotations

import contextlib
import http.server
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import analysis.ui.jobs as jobs
import analysis.ui.state as state
from analysis import limits
from analysis.desktop import checks
from analysis.desktop.address import import_address, is_inside, is_web
from analysis.errors import UsageError
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.views.library import totals
from tests.desktop_window import SCREEN, SECONDS, Desktop, gone, missing, until, virtual_screen

ORIGIN = "http://127.0.0.1:41234"


# --- without a window ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        (ORIGIN, True),
        (f"{ORIGIN}/reader?trace=1#x", True),
        ("ws://127.0.0.1:41234/_stcore/stream", True),
        (f"blob:{ORIGIN}/0a-1b", True),
        ("http://127.0.0.1:41235/", False),
        ("http://127.0.0.1/", False),
        ("http://localhost:41234/", False),
        ("https://127.0.0.1:41234/", False),
        ("http://127.0.0.1:41234.example.org/", False),
        ("http://127.0.0.1:41234@example.org/", False),
        ("http://me:secret@127.0.0.1:41234/", False),
        ("blob:http://example.org/0a", False),
        ("file:///etc/passwd", False),
        ("data:text/html,x", False),
        ("javascript:alert(1)", False),
        ("http://[", False),
        ("http://127.0.0.1:99999999/", False),
        ("", False),
    ],
)
def test_only_our_server_is_inside(address: str, inside: bool) -> None:
    assert is_inside(address, ORIGIN) is inside


@pytest.mark.parametrize(
    ("address", "web"),
    [
        ("https://example.org/", True),
        ("http://example.org", True),
        ("file:///etc/passwd", False),
        ("vscode://x", False),
        ("mailto:a@b", False),
        ("http://[", False),
    ],
)
def test_only_web_addresses_go_to_the_browser(address: str, web: bool) -> None:
    assert is_web(address) is web


@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"),
            min_size=1,
            max_size=40,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_dropped_paths_come_through_the_address_as_they_are(paths: list[str]) -> None:
    address = import_address(ORIGIN, paths, now=f"{ORIGIN}/traces?lang=zh&model=a")
    assert is_inside(address, ORIGIN)
    assert urlsplit(address).path == "/library"
    assert parse_qs(urlsplit(address).query) == {"path": paths, "lang": ["zh"]}


def test_too_many_or_unspeakable_files_are_refused() -> None:
    for paths in (["a"] * (limits.MAX_DROPPED_FILES + 1), ["é" * 2_000], ["a\nb"]):
        with pytest.raises(UsageError) as told:
            import_address(ORIGIN, paths)
        assert told.value.remedy


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "ImportError: libnss3.so: cannot open shared object file: No such file",
            "lacks libnss3.so",
        ),
        (
            "qt.qpa.xcb: could not connect to display :9\nqt.qpa.plugin: Could not load xcb",
            "does not answer",
        ),
        ('Could not load the Qt platform plugin "xcb" in "" even though', "X Window System"),
        ("FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are", "sandbox"),
        ("something\nthe last word\n\n", "the last word"),
        ("", "no reason"),
    ],
)
def test_what_qt_says_before_it_gives_up_becomes_a_sentence(said: str, told: str) -> None:
    error = checks.explain(said)
    assert told in error.message
    assert error.remedy
    assert error.exit_code == 2


def test_without_the_extra_the_command_to_install_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [one for one in sys.modules if one.startswith("PySide6")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PySide6", None)
    with pytest.raises(UsageError, match="not installed") as told:
        checks.require_extra()
    assert 'pip install "cotscope[desktop]"' in told.value.remedy


def test_without_a_display_it_says_so() -> None:
    with pytest.raises(UsageError, match="no display"):
        checks.require_display("linux", {"DISPLAY": ""})
    checks.require_display("linux", {"WAYLAND_DISPLAY": "wayland-0"})
    checks.require_display("darwin", {})


def test_files_in_the_address_are_filled_in_and_not_imported(
    tmp_path: Path, root: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = tmp_path / "a [1].jsonl"
    dump.write_bytes(next(iter(sorted(samples.glob("*.jsonl")))).read_bytes())
    database = tmp_path / "t.duckdb"
    monkeypatch.setenv("COTSCOPE_DB", str(database))
    jobs.get_jobs.clear()
    page = AppTest.from_file(str(root / "pages" / "library.py"), default_timeout=60)
    page.query_params["path"] = [str(dump)]
    page.run()
    assert not page.exception
    fields = [one for one in page.text_input if one.label == "File, folder or glob"]
    assert [one.value for one in fields] == [str(dump)]
    page.query_params["path"] = [str(dump), "/x/b.jsonl"]
    page.run()
    assert [one.value for one in page.text_area] == [f"{dump}\n/x/b.jsonl"]
    assert not page.exception
    assert "No trace file" not in str(page.main)
    state._open.clear()
    with open_store(database) as store:
        assert totals(store).traces == 0


def test_the_window_speaks_the_language_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PySide6.QtCore")
    from analysis.desktop import words

    for system, address, said in (
        (["zh-Hans-CN", "zh"], "", "重新启动"),
        (["zh-Hans-CN", "zh"], "http://127.0.0.1:1/search?q=a&lang=en", "Start it again"),
        (["de-DE"], "http://127.0.0.1:1/?lang=zh", "重新启动"),
        (["de-DE"], "http://127.0.0.1:1/?lang=tlh", "Start it again"),
        ([], "", "Start it again"),
    ):
        monkeypatch.setattr(words, "system_languages", lambda system=system: system)
        words.follow(address)
        assert words.t("Start it again") == said
    words.follow("?lang=zh")
    try:
        assert words.t("Saved {path}", path="{0}") == "已保存 {0}"
        assert words.known("These are too many files at once (101).").endswith("（101）。")
    finally:
        words.follow("?lang=en")


# --- in a window ---------------------------------------------------------------------------


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another server on this machine: nothing may ever ask it."""

    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    Elsewhere.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Elsewhere.asked
    server.shutdown()


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    if why := missing():
        pytest.skip(why)
    with virtual_screen() as name:
        yield name


@pytest.fixture
def locale() -> str:
    """What the person's system speaks."""
    return "en_US.UTF-8"


@pytest.fixture
def desktop(tmp_path: Path, samples: Path, display: str, locale: str) -> Iterator[Desktop]:
    """The command on a few traces, its page rendered; ``xdg-open`` only writes down what it is given."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "Downloads").mkdir()
    opener = tmp_path / "bin" / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    opener.chmod(0o755)
    database = tmp_path / "t.duckdb"
    with open_store(database) as store:
        import_file(store, sorted(samples.glob("*.jsonl"))[0])
    started = Desktop(database, tmp_path, display, locale)
    try:
        started.devtools.sees("值得一看" if locale.startswith("zh") else "Worth a look")
        yield started
    except BaseException:
        sys.stdout.write(started.log.read_text())
        raise
    finally:
        started.stop()


def colours(desktop: Desktop) -> int:
    """How many colours the screen shows, looked at from outside the program."""
    script = (
        "from PySide6.QtGui import QGuiApplication as A; a = A([]);"
        "i = a.primaryScreen().grabWindow(0).toImage();"
        "print(len({i.pixel(x, y) for x in range(0, i.width(), 5) for y in range(0, i.height(), 5)}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=desktop.environment, capture_output=True, text=True
    )
    return int(done.stdout)


def drag(desktop: Desktop, files: list[Path]) -> None:
    """Drag files with the mouse from another program's window onto the middle of ours."""

    def arrived() -> object:
        return desktop.devtools.run("location.pathname === '/library'")

    source = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("desktop_drag.py")), *map(str, files)],
        env=desktop.environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        desktop.window("^Files to drag$")

        def once() -> object:
            x, y = 1575, 175
            desktop.xdotool("mousemove", str(x), str(y), "mousedown", "1")
            for step in range(1, 16):
                desktop.xdotool("mousemove", str(x - step * 60), str(y + step * 20), "sleep", "0.1")
            desktop.xdotool("sleep", "0.5", "mouseup", "1")
            with contextlib.suppress(AssertionError):
                return until(arrived, "", seconds=10.0)
            return arrived()

        until(once, "the Library page")
    finally:
        source.kill()
        source.wait()


@pytest.mark.alone
def test_a_day_in_the_window(
    desktop: Desktop, tmp_path: Path, elsewhere: tuple[str, list[str]]
) -> None:
    assert SCREEN[0] > 1440
    desktop.window("^CoTScope$")
    assert until(lambda: colours(desktop) > 40, "a picture")
    look = desktop.devtools.run
    first = look("location.origin")

    # A second start finds the database held, and says by whom.
    second = subprocess.run(
        desktop.command, env=desktop.environment, capture_output=True, text=True, timeout=SECONDS
    )
    assert second.returncode == 3
    assert "in use by another process" in second.stderr

    # Links elsewhere: a person's click goes to the browser, a script's wish nowhere.
    away, asked = elsewhere
    look(f"location.href = {json.dumps(away + '/script')}; 1")
    look(f"window.open({json.dumps(away + '/window')}); 1")
    look(
        f"fetch({json.dumps(away + '/fetch')}).catch(() => 0); new Image().src = '{away}/image'; 1"
    )
    look(
        "const a = document.createElement('a'); a.href = "
        f"{json.dumps(away + '/click')}; document.body.append(a); a.click(); 1"
    )
    opened = tmp_path / "opened"
    until(lambda: opened.exists() and "/click" in opened.read_text(), "the click to be handed on")
    assert look("location.origin") == first
    assert len(desktop.devtools.pages()) == 1

    # A file is dragged onto the window: offered, not imported.
    dump = tmp_path / "more [1].jsonl"
    dump.write_text(json.dumps({"question": "1+1?", "reasoning": "Two. " * 9, "answer": "2"}))
    drag(desktop, [dump])
    filled = "[...document.querySelectorAll('input')].some(one => one.value === {})"
    until(lambda: look(filled.format(json.dumps(str(dump)))), "the path in its field")
    assert "more" not in look(
        "document.querySelector('[data-testid=stDataFrame]')?.innerText ?? ''"
    )

    # A download asks where to.
    look(f"location.href = {json.dumps(first + '/accuracy')}; 1")
    button = "document.querySelector('[data-testid=stDownloadButton] button')"
    until(lambda: look(f"!!{button}"), "a download button")
    look(f"{button}.click(); 1")
    folder = tmp_path / "Downloads"
    desktop.press("^Save as$", "Return", lambda: [*folder.glob("*.csv")])

    # The server dies: the window says so, and starts another when asked.
    (server,) = desktop.servers()
    subprocess.run(["kill", "-9", str(server)], check=True)
    desktop.press(
        "The server has ended", "space", lambda: (look("location.origin") or first) != first
    )
    (other,) = desktop.servers()
    assert other != server
    assert asked == []

    # Closing the window ends all.
    desktop.press("^CoTScope$", "ctrl+q", lambda: desktop.process.poll() is not None)
    assert desktop.process.returncode == 0
    assert gone(other)


@pytest.mark.alone
@pytest.mark.parametrize("locale", ["zh_CN.UTF-8"])
def test_a_window_in_chinese_and_no_server_is_left_when_it_is_killed(desktop: Desktop) -> None:
    look = desktop.devtools.run
    first = look("location.origin")
    (server,) = desktop.servers()
    subprocess.run(["kill", "-9", str(server)], check=True)
    desktop.press("服务器已退出", "space", lambda: (look("location.origin") or first) != first)
    desktop.devtools.sees("值得一看")

    (server,) = desktop.servers()
    desktop.process.send_signal(signal.SIGKILL)
    assert desktop.process.wait(timeout=SECONDS) == -signal.SIGKILL
    until(lambda: gone(server), "the server to end")
    # It ended in order, although the window did not: the database was closed.
    assert not (desktop.home / "t.duckdb.wal").exists()
    open_store(desktop.home / "t.duckdb").close()
