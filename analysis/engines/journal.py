"""The journal of a run: finished traces, one JSON line each, on disk before anything else happens.

A journal is a folder beside the database. Lines go to an open segment, each flushed to the disk; a
segment that is sealed never changes again, so the importer takes it like any other file, once. What
a killed run leaves open is sealed by the next one; half a line at its end was never finished.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from analysis.errors import StoreError, StoreFullError

SEGMENT_LINES = 100
_OPEN = ".open"
_SEALED = ".jsonl"


def runs_folder(database: Path) -> Path:
    """Where the journals of a database are."""
    return database.with_name(database.name + ".runs")


class Journal:
    """One run's folder."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when the first line is written."""
        self.folder = folder
        self._file: Any = None
        self._lines = 0

    @property
    def run_id(self) -> str:
        """The run's id is the folder's name."""
        return self.folder.name

    def describe(self, plan: Mapping[str, Any]) -> None:
        """Keep what was asked beside the lines; a plan that is there already stays."""
        path = self.folder / "run.json"
        if path.exists():
            return
        with _told(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(orjson.dumps(plan, option=orjson.OPT_INDENT_2))
            part.replace(path)

    def append(self, line: Mapping[str, Any]) -> bool:
        """Write one finished trace; it is on the disk when this returns. True if the segment is full."""
        data = orjson.dumps(line, default=str) + b"\n"
        with _told(self.folder):
            if self._file is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._file = self._next().open("ab", buffering=0)
            self._file.write(data)
            os.fsync(self._file.fileno())
        self._lines += 1
        return self._lines >= SEGMENT_LINES

    def put(self, lines: Iterable[Mapping[str, Any]]) -> Path | None:
        """Write lines that could be made again as one sealed segment; None where there are none.

        The segment is there whole or not at all.
        """
        with _told(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            target = self._next()
            part = target.with_suffix(".part")
            written = 0
            with part.open("wb") as stream:
                for line in lines:
                    stream.write(orjson.dumps(line, default=str) + b"\n")
                    written += 1
                stream.flush()
                os.fsync(stream.fileno())
            if not written:
                part.unlink()
                return None
            return part.replace(target.with_suffix(_SEALED))

    def clear(self) -> None:
        """Remove every segment; what was imported from them stays in the store."""
        with _told(self.folder):
            for path in [*self.folder.glob(f"*{_OPEN}"), *self.folder.glob(f"*{_SEALED}")]:
                path.unlink()

    def seal(self) -> Path | None:
        """Close the open segment; its path, or None where nothing was written."""
        if self._file is None:
            return None
        path = Path(self._file.name)
        self._file.close()
        self._file, self._lines = None, 0
        return _sealed(path)

    def recover(self) -> list[Path]:
        """Every sealed segment, those included that a killed run left open."""
        if not self.folder.is_dir():
            return []
        for path in sorted(self.folder.glob(f"*{_OPEN}")):
            _cut_torn(path)
            _sealed(path)
        return sorted(self.folder.glob(f"*{_SEALED}"))

    def lines(self) -> Iterator[Mapping[str, Any]]:
        """Every finished line of every segment, in order."""
        for path in sorted(self.folder.glob("*")) if self.folder.is_dir() else []:
            if path.suffix not in (_OPEN, _SEALED):
                continue
            with path.open("rb") as stream:
                for data in stream:
                    try:
                        value = orjson.loads(data)
                    except orjson.JSONDecodeError:
                        continue  # half a line: never finished, so it is run again
                    if isinstance(value, dict):
                        yield value

    def _next(self) -> Path:
        taken = [int(p.stem) for p in self.folder.iterdir() if p.stem.isdigit()]
        return self.folder / f"{max(taken, default=0) + 1:05d}{_OPEN}"


def _cut_torn(path: Path) -> None:
    """Cut what follows the last line end."""
    size = path.stat().st_size
    with path.open("rb+") as stream:
        end = size
        while end > 0:
            start = max(0, end - 65536)
            stream.seek(start)
            at = stream.read(end - start).rfind(b"\n")
            if at >= 0:
                stream.truncate(start + at + 1)
                return
            end = start
        stream.truncate(0)


def _sealed(path: Path) -> Path | None:
    if path.stat().st_size == 0:
        path.unlink()
        return None
    target = path.with_suffix(_SEALED)
    path.replace(target)
    return target


class _told:  # noqa: N801 - used as a function
    """Faults of the disk in our words."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, OSError):
            return
        import errno

        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFullError(
                f"The disk is full: the run stops; what was finished is in {self._folder}.",
                remedy="Make room and run it again with --resume.",
            ) from error
        raise StoreError(
            f"The journal of the run cannot be written ({error.strerror}).",
            remedy=f"Check the folder {self._folder}.",
        ) from error
