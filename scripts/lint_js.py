"""Check the JavaScript of the components with oxlint (rules: .oxlintrc.json).

The files are fragments of modules, put together by the components. What is checked are the modules,
since only there it shows which names nobody defines or uses; what is found is told by file and line.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from analysis.ui.reader import component as reader
from analysis.ui.sidebyside import component as sides

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "analysis" / "ui"
SHARES = "sidebyside.js"
"""This module takes parts of the reader's, and need not use all that is in them."""
_PLACE = re.compile(r"^(?P<module>\S+?):(?P<line>\d+):(?P<column>\d+): (?P<words>.+)$")


def modules() -> dict[str, str]:
    """Name -> text of each module that a browser runs."""
    return {
        "reader.js": reader.script(),
        SHARES: sides.script(),
        "streams.js": (UI / "runview" / "streams.js").read_text(encoding="utf-8"),
    }


def origin(module: str, line: int) -> str:
    """``file:line`` of the line of a module, or the module's own where it is of no file."""
    at = 0
    for path in sorted(UI.glob("*/web/*.js")):
        text = path.read_text(encoding="utf-8")
        at = module.find(text)
        if at < 0:
            continue
        first = module.count("\n", 0, at) + 1
        if first <= line < first + len(text.splitlines()):
            return f"{path.relative_to(ROOT)}:{line - first + 1}"
    return ""


def lint(texts: Mapping[str, str]) -> list[str]:
    """What oxlint finds in modules, a line each, without repeats."""
    found: dict[str, None] = {}
    program = shutil.which("oxlint", path=Path(sys.executable).parent) or "oxlint"
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        done = subprocess.run(
            [program, "-c", str(ROOT / ".oxlintrc.json"), "-f", "unix", *texts],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    for line in done.stdout.splitlines():
        if place := _PLACE.match(line):
            where = origin(texts[place["module"]], int(place["line"]))
            if place["module"] == SHARES and "/reader/" in where and "no-undef" not in line:
                continue
            found[f"{where or ':'.join(place.group('module', 'line'))}: {place['words']}"] = None
    if done.returncode not in (0, 1):
        found[done.stdout + done.stderr] = None
    return list(found)


if __name__ == "__main__":
    problems = lint(modules())
    sys.stdout.write("".join(f"{problem}\n" for problem in problems))
    sys.exit(1 if problems else 0)
