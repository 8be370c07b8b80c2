"""The browser's view: it takes files that are dropped on it as paths."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWebEngineCore import QWebEngineScript
from PySide6.QtWebEngineWidgets import QWebEngineView

_OVER_UPLOADER = """(() => {{
  const at = document.elementFromPoint({x}, {y});
  return !!(at && at.closest('[data-testid="stFileUploader"]'));
}})()"""


def local_files(data: QMimeData) -> list[str]:
    """Paths of this machine in what is dragged."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile() and url.toLocalFile()]


class View(QWebEngineView):
    """Dropped files are offered by path, so that gigabytes need not go through an upload.

    Only over an upload field of another page than the Library (a recipe, a list of questions) the
    page itself gets them, as in a browser.
    """

    files_dropped = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self._over_uploader = False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        super().dragEnterEvent(event)
        self._over_uploader = False
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """As above; and find out what is under the pointer before anything is dropped there."""
        super().dragMoveEvent(event)
        if local_files(event.mimeData()):
            event.acceptProposedAction()
            self._look_at(event.position())

    def dropEvent(self, event: QDropEvent) -> None:
        """Offer the files by path, or let the upload field have them."""
        files = local_files(event.mimeData())
        if not files or (self._over_uploader and self.url().path() != "/library"):
            super().dropEvent(event)
            return
        event.acceptProposedAction()
        # The page saw the drag come in; for it, the drag now goes away again.
        super().dragLeaveEvent(QDragLeaveEvent())
        self.files_dropped.emit(files)

    def _look_at(self, where: QPointF) -> None:
        def found(over: object) -> None:
            self._over_uploader = over is True

        zoom = self.zoomFactor()
        script = _OVER_UPLOADER.format(x=int(where.x() / zoom), y=int(where.y() / zoom))
        world = QWebEngineScript.ScriptWorldId.ApplicationWorld.value
        self.page().runJavaScript(script, world, found)
