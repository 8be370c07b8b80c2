"""Starting: look first, then the server and the window, and in the end nothing is left running."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from analysis import serving
from analysis.desktop import checks
from analysis.desktop.server import Server
from analysis.errors import UsageError
from analysis.store import open_store


def launch(database: Path, *, port: int = 0) -> int:
    """Show the app in a window until it is closed; the exit code of the command.

    ``port`` 0 takes any free one. Raises ``UsageError`` when the extra or a display is missing, and
    ``StoreLockedError`` (or another ``StoreError``) when the database cannot be opened.
    """
    checks.require_extra()
    checks.require_display(sys.platform, os.environ)
    if port and serving.port_in_use(serving.DEFAULT_HOST, port):
        raise UsageError(
            f"Port {port} is already in use, perhaps by another CoTScope.",
            remedy="Leave --port out: the window takes any free one.",
        )
    # The server would only say it on its pages; here it is an exit code, before anything starts.
    open_store(database).close()
    if note := checks.sandbox_note(os.environ):
        sys.stderr.write(note + "\n")
        checks.turn_sandbox_off()
    server = Server(database, port=port)
    server.start()
    try:
        checks.finish_probe(checks.start_probe())
        checks.quieten()
        from analysis.desktop.shell import Shell

        return Shell(server, database).run()
    finally:
        server.stop()
