"""A window to drag files out of: `python desktop_drag.py FILE...`, at the right edge of the screen."""

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget


class Source(QWidget):
    """Starts to drag where it is pressed."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(Path(one).resolve())) for one in sys.argv[1:]])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)


application = QApplication(sys.argv[:1])
source = Source()
source.setWindowTitle("Files to drag")
source.setGeometry(1500, 100, 150, 150)
source.show()
application.exec()
