"""The desktop program: its windows, and the server that they show."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QSettings, QTimer, QtMsgType, QUrl, qInstallMessageHandler
from PySide6.QtGui import QIcon, QKeySequence, QShortcut
from PySide6.QtWebEngineCore import QWebEngineDownloadRequest, QWebEngineNewWindowRequest
from PySide6.QtWidgets import QApplication, QMessageBox

from analysis.desktop.address import import_address
from analysis.desktop.downloads import Downloads
from analysis.desktop.page import Origin, Page, open_outside, private_profile
from analysis.desktop.server import Server
from analysis.desktop.window import NAME, Window
from analysis.desktop.words import follow, known, system_languages, t, translate_dialogs
from analysis.errors import UsageError
from analysis.limits import DESKTOP_START_SECONDS

_TICK_MS = 250
_ICON = Path(__file__).resolve().parent.parent / "ui" / "favicon.svg"
_GEOMETRY = "window/geometry"


class Shell:
    """Opens windows, watches the server, and ends when the last window is closed."""

    def __init__(self, server: Server, database: Path) -> None:
        self._server = server
        self._database = database
        qInstallMessageHandler(_log)
        follow()
        self._application = QApplication([NAME.lower()])
        self._application.setApplicationName(NAME)
        self._application.setOrganizationName(NAME)
        self._application.setDesktopFileName(NAME.lower())
        translate_dialogs(self._application)
        self._application.setWindowIcon(QIcon(str(_ICON)))
        self._origin = Origin()
        self._profile, self._interceptor = private_profile(self._origin)
        if languages := system_languages():
            self._profile.setHttpAcceptLanguage(",".join(languages))
        self._downloads = Downloads()
        self._profile.downloadRequested.connect(self._download)
        self._windows: list[Window] = []
        self._started = time.monotonic()
        self._failed = False
        # Python sees a signal only while it runs; the timer lets it run.
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)

    def run(self) -> int:
        """Show the first window; 0 when all windows were closed, 1 when the server had failed."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: self._application.quit())
        first = self._window()
        first.tell(t("Opening {name} …", name=self._database.name))
        self._restore(first)
        first.show()
        self._timer.start(_TICK_MS)
        self._application.exec()
        self._timer.stop()
        # Qt wants the pages gone before their profile.
        for window in self._windows:
            window.view.page().deleteLater()
            window.deleteLater()
        self._windows.clear()
        self._application.processEvents()
        return 1 if self._failed else 0

    def _window(self) -> Window:
        page = Page(self._profile, self._origin)
        window = Window(page, self._closed)
        page.newWindowRequested.connect(self._another)
        page.urlChanged.connect(self._follow)
        window.view.files_dropped.connect(lambda files: self._offer(window, files))
        quit_all = QShortcut(QKeySequence("Ctrl+Q"), window)
        quit_all.activated.connect(self._quit)
        self._windows.append(window)
        return window

    def _tick(self) -> None:
        if self._failed:
            return
        if (code := self._server.ended()) is not None:
            self._fail(t("The server has ended (exit code {code}).", code=code))
        elif self._origin.address == "" and (address := self._server.origin) is not None:
            self._origin.address = address
            for window in self._windows:
                # After a restart, the same place at the new port.
                self._goto(window, window.view.url())
        elif (
            self._origin.address == "" and time.monotonic() - self._started > DESKTOP_START_SECONDS
        ):
            self._fail(t("The server does not answer."))

    def _goto(self, window: Window, last: QUrl) -> None:
        parts = urlsplit(last.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        place = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        window.open(self._origin.address + (place if place.startswith("/") else "/"))

    def _fail(self, why: str) -> None:
        self._failed = True
        if self._origin.address == "":
            # Once it answers, its words go to the terminal as they come.
            sys.stderr.write(f"{self._server.said()}\n")
        safe = t(
            "What was committed to {name} is safe. The terminal has its last words.",
            name=self._database.name,
        )
        for window in self._windows:
            window.tell(f"{why}\n{safe}", t("Start it again"), self._restart)

    def _restart(self) -> None:
        self._server.stop()
        self._origin.address = ""
        self._failed = False
        self._started = time.monotonic()
        self._server.start()
        for window in self._windows:
            window.tell(t("Starting again …"))

    def _another(self, request: QWebEngineNewWindowRequest) -> None:
        """A link that wants a window of its own: one of ours gets it, another goes to the browser."""
        if self._origin.has(request.requestedUrl()):
            window = self._window()
            window.resize(self._windows[0].size())
            request.openIn(window.view.page())
            window.show_page()
            window.show()
        elif request.isUserInitiated():
            open_outside(request.requestedUrl())

    def _offer(self, window: Window, files: list[str]) -> None:
        if self._failed or self._origin.address == "":
            return
        try:
            now = window.view.url().toString()
            window.open(import_address(self._origin.address, files, now=now))
        except UsageError as error:
            said = filter(None, (error.message, error.remedy))
            QMessageBox.information(window, NAME, " ".join(map(known, said)))

    def _follow(self, url: QUrl) -> None:
        """The language that was chosen on a page is the window's too."""
        if self._origin.has(url):
            follow(url.toString())

    def _download(self, request: QWebEngineDownloadRequest) -> None:
        page = request.page()
        own = [window for window in self._windows if window.view.page() is page]
        self._downloads.take(request, (own or self._windows)[0])

    def _restore(self, window: Window) -> None:
        geometry = QSettings().value(_GEOMETRY)
        if geometry is not None:
            window.restoreGeometry(geometry)

    def _closed(self, window: Window) -> None:
        QSettings().setValue(_GEOMETRY, window.saveGeometry())
        if window in self._windows and len(self._windows) > 1:
            self._windows.remove(window)
            window.view.page().deleteLater()
            window.deleteLater()

    def _quit(self) -> None:
        for window in list(self._windows):
            window.close()


def _log(kind: QtMsgType, _: object, text: str) -> None:
    """Qt's remarks about graphics drivers and the like are not for the terminal; faults are."""
    if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
        sys.stderr.write(f"Qt: {text}\n")
