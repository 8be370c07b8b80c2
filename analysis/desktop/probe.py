"""Whether Qt can show a page here: `python -m analysis.desktop.probe` ends with 0 if it can.

In a process of its own, since Qt ends a process that has no display, lacks a system library or
may not use Chromium's sandbox.
"""

from __future__ import annotations

import sys

SECONDS = 60


def main() -> int:
    """Render an empty page; 0 when that worked."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile
    from PySide6.QtWidgets import QApplication

    application = QApplication(["cotscope"])
    profile = QWebEngineProfile()
    page = QWebEnginePage(profile)
    page.loadFinished.connect(lambda ok: application.exit(0 if ok else 1))
    page.renderProcessTerminated.connect(lambda *_: application.exit(1))
    QTimer.singleShot(SECONDS * 1000, lambda: application.exit(1))
    page.setHtml("<p>CoTScope</p>")
    code = int(application.exec())
    del page
    return code


if __name__ == "__main__":
    sys.exit(main())
