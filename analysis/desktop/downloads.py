"""What a page offers as a download, saved where the person says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWebEngineCore import QWebEngineDownloadRequest
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox

from analysis.desktop.words import t

_SHOWN_MS = 15_000


class Downloads:
    """Asks for a place, remembers the folder, and says how it ended."""

    def __init__(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        self._folder = Path(folder) if folder and Path(folder).is_dir() else Path.home()

    def take(self, request: QWebEngineDownloadRequest, window: QMainWindow) -> None:
        """Save one download; a dialog that is cancelled cancels it."""
        # The page says the name: only its last part counts.
        name = Path(request.downloadFileName().replace("\\", "/")).name or "download"
        chosen, _ = QFileDialog.getSaveFileName(window, t("Save as"), str(self._folder / name))
        if not chosen:
            request.cancel()
            return
        target = Path(chosen)
        self._folder = target.parent
        request.setDownloadDirectory(str(target.parent))
        request.setDownloadFileName(target.name)
        request.stateChanged.connect(lambda state: _tell(window, target, state, request))
        request.accept()


def _tell(
    window: QMainWindow,
    target: Path,
    state: QWebEngineDownloadRequest.DownloadState,
    request: QWebEngineDownloadRequest,
) -> None:
    states = QWebEngineDownloadRequest.DownloadState
    if state == states.DownloadCompleted:
        window.statusBar().showMessage(t("Saved {path}", path=target), _SHOWN_MS)
    elif state == states.DownloadInterrupted:
        reason = request.interruptReasonString()
        text = t("{path} could not be saved: {reason}.", path=target, reason=reason)
        QMessageBox.warning(window, "CoTScope", text)
