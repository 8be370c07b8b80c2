"""A window: the app's page, or a plain sentence in its place when there is no page to show."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWidgets import (
    QLabel,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from analysis.desktop.page import Page
from analysis.desktop.view import View
from analysis.desktop.words import t

NAME = "CoTScope"
_ZOOM_STEP, _ZOOM_LEAST, _ZOOM_MOST = 1.1, 0.5, 3.0


class Notice(QWidget):
    """A sentence and, where something can be done about it, a button."""

    def __init__(self) -> None:
        super().__init__()
        self._label = QLabel()
        # Never as markup, whatever a path or an error may hold.
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        font = self._label.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self._label.setFont(font)
        self._button = QPushButton()
        self._action: Callable[[], None] | None = None
        self._button.clicked.connect(self._act)
        layout = QVBoxLayout(self)
        layout.addStretch()
        layout.setSpacing(16)
        layout.addWidget(self._label)
        layout.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch()

    def say(self, text: str, button: str = "", action: Callable[[], None] | None = None) -> None:
        """Show ``text``, and a button when there is an ``action``."""
        self._label.setText(text)
        self._button.setText(button)
        self._button.setVisible(action is not None)
        self._action = action

    def _act(self) -> None:
        if self._action is not None:
            self._action()


class Window(QMainWindow):
    """One window with one page."""

    def __init__(self, page: Page, closed: Callable[[Window], None]) -> None:
        super().__init__()
        self._closed = closed
        self.view = View()
        self.view.setPage(page)
        page.setParent(self.view)
        self.notice = Notice()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.notice)
        self._stack.addWidget(self.view)
        self.setCentralWidget(self._stack)
        self.setWindowTitle(NAME)
        self.resize(1440, 900)
        page.titleChanged.connect(self._retitle)
        page.renderProcessTerminated.connect(self._crashed)
        self.view.pageAction(QWebEnginePage.WebAction.ViewSource).setVisible(False)
        self._shortcuts()

    def tell(self, text: str, button: str = "", action: Callable[[], None] | None = None) -> None:
        """Show a sentence instead of the page; its first line is also the window's title."""
        self.notice.say(text, button, action)
        self._stack.setCurrentWidget(self.notice)
        self.setWindowTitle(f"{NAME}: {text.splitlines()[0]}" if text else NAME)

    def open(self, address: str) -> None:
        """Load an address and show the page."""
        self.view.load(QUrl(address))
        self.show_page()

    def show_page(self) -> None:
        """The page again, instead of a sentence."""
        self._stack.setCurrentWidget(self.view)
        self._retitle(self.view.title())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt calls this when a person closes the window."""
        self._closed(self)
        event.accept()

    def _retitle(self, title: str) -> None:
        if self._stack.currentWidget() is self.view:
            # Until the app has said its own title, the page has that of the framework or its address.
            early = title in {"", "Streamlit"} or title.startswith(("http:", "127.0.0.1"))
            self.setWindowTitle(NAME if early else title)

    def _crashed(self, *_: object) -> None:
        self.tell(
            t("This page has crashed.\nNothing that was stored is lost."),
            t("Load it again"),
            self._reload,
        )

    def _reload(self) -> None:
        self.view.reload()
        self.show_page()

    def _shortcuts(self) -> None:
        key = QKeySequence.StandardKey
        for keys, act in (
            ([QKeySequence("Ctrl+W")], self.close),
            ([*QKeySequence.keyBindings(key.Refresh)], self.view.reload),
            ([*QKeySequence.keyBindings(key.Back)], self.view.back),
            ([*QKeySequence.keyBindings(key.Forward)], self.view.forward),
            ([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")], lambda: self._zoom(_ZOOM_STEP)),
            ([QKeySequence("Ctrl+-")], lambda: self._zoom(1 / _ZOOM_STEP)),
            ([QKeySequence("Ctrl+0")], lambda: self.view.setZoomFactor(1.0)),
        ):
            shortcut = QShortcut(self)
            # Backspace is Back for Qt, and a key that people type with.
            shortcut.setKeys([one for one in keys if one != QKeySequence("Backspace")])
            shortcut.activated.connect(act)

    def _zoom(self, by: float) -> None:
        now = self.view.zoomFactor() * by
        self.view.setZoomFactor(max(_ZOOM_LEAST, min(_ZOOM_MOST, now)))
