"""Input that can be read only once (a pipe, ``-``) as a file that can be read again.

Recognising a file, naming it by its content and going on after a stop all read it again, so what
comes through a pipe is kept in a temporary file first.
"""

from __future__ import annotations

import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from analysis import limits
from analysis.errors import InputError, InputTooLargeError, UsageError
from analysis.formats.streams import CHUNK_BYTES

STDIN = "-"


@contextmanager
def without_pipes(arguments: Iterable[str | Path]) -> Iterator[list[str | Path]]:
    """The same arguments with a temporary copy in place of ``-`` and of every named pipe.

    A copy is called ``stdin`` or as its pipe is called, and is gone when the context ends. Raises
    ``InputTooLargeError`` beyond ``limits.MAX_PIPE_BYTES``, ``InputError`` where the pipe or the
    temporary folder fails, ``UsageError`` where nothing is piped in.
    """
    with tempfile.TemporaryDirectory(prefix="cotscope-") as folder:
        yield [
            _copied(argument, Path(folder) / str(number)) if _is_pipe(argument) else argument
            for number, argument in enumerate(arguments)
        ]


def _is_pipe(argument: str | Path) -> bool:
    if argument == STDIN:
        return True
    try:
        mode = Path(argument).stat().st_mode
    except (OSError, ValueError):  # a glob, or nothing: expand_paths says so
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _copied(argument: str | Path, folder: Path) -> Path:
    """What a pipe gives, as a file in a folder of its own."""
    if argument == STDIN and sys.stdin.isatty():
        raise UsageError(
            "Nothing is piped in.", remedy="Give it a dump: cat x.jsonl | cotscope import -"
        )
    folder.mkdir()
    name = "stdin" if argument == STDIN else Path(argument).name
    copy = folder / ("pipe" if name.isdigit() else name)  # <(command) is /dev/fd/63 or the like
    try:
        with copy.open("wb") as sink:
            if argument == STDIN:
                _copy(sys.stdin.buffer, sink, "stdin")
            else:
                with Path(argument).open("rb") as source:
                    _copy(source, sink, str(argument))
    except OSError as error:
        raise InputError(
            f"{argument}: cannot be kept in a temporary file: {error.strerror or error}.",
            remedy="Make room there or set TMPDIR to a folder with more, or save it to a file.",
        ) from error
    return copy


def _copy(source: IO[bytes], sink: IO[bytes], name: str) -> None:
    copied = 0
    while data := source.read(CHUNK_BYTES):
        copied += len(data)
        if copied > limits.MAX_PIPE_BYTES:
            raise InputTooLargeError(
                f"{name}: gave more than {limits.MAX_PIPE_BYTES >> 30} GiB.",
                remedy="Save it to a file and import that.",
            )
        sink.write(data)
