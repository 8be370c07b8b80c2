"""Which files an import is asked for, and what a file is called."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from analysis.errors import InputError

TRACE_SUFFIXES = (
    ".jsonl", ".ndjson", ".jsonlines", ".json", ".zip", ".eval", ".parquet", ".csv", ".tsv", ".sse",
)  # fmt: skip
PACKED_SUFFIXES = (".gz", ".zst", ".xz", ".bz2")


def expand_paths(arguments: Iterable[str | Path]) -> list[Path]:
    """Files named by paths, folders and globs, sorted and each once.

    A folder gives its trace files (by suffix, recursively, no hidden ones); a file named by itself
    is always taken. Raises ``InputError`` when an argument matches nothing.
    """
    found: dict[Path, None] = {}
    for argument in arguments:
        path = Path(argument).expanduser()
        if path.is_dir():
            matches = sorted(p for p in path.rglob("*") if p.is_file() and _is_trace_file(p, path))
        elif path.is_file():
            matches = [path]
        else:
            matches = _glob(str(path))
        _require_present(path)
        if not matches:
            raise InputError(
                f"No trace file found at {argument}.",
                remedy="Name a file, a folder with .jsonl, .json, .csv or .parquet files, "
                "or a quoted glob.",
            )
        found.update(dict.fromkeys(matches))
    return list(found)


def dataset_name(label: str) -> str:
    """The data set of a file that does not say: its name without folders and known suffixes."""
    stem = label.replace("\\", "/").rsplit("/", 1)[-1]
    low = stem.lower()
    for suffixes in (PACKED_SUFFIXES, TRACE_SUFFIXES):
        for suffix in suffixes:
            if low.endswith(suffix) and len(stem) > len(suffix):
                stem, low = stem[: -len(suffix)], low[: -len(suffix)]
    return stem or "unnamed"


def _is_trace_file(path: Path, root: Path) -> bool:
    if any(part.startswith(".") for part in path.relative_to(root).parts):
        return False
    name = path.name.lower()
    for suffix in PACKED_SUFFIXES:
        name = name.removesuffix(suffix)
    return name.endswith(TRACE_SUFFIXES)


def _require_present(path: Path) -> None:
    """Raise ``InputError`` for links to data that is not there, as git-annex and DVC leave them."""
    found = path.rglob("*") if path.is_dir() else [path]
    root = path if path.is_dir() else path.parent
    gone = sorted(
        p
        for p in found
        if p.is_symlink() and not p.exists() and (p == path or _is_trace_file(p, root))
    )
    if gone:
        more = f" (and {len(gone) - 1} more)" if len(gone) > 1 else ""
        raise InputError(
            f"{gone[0]}{more} is a link to a file that is not here.",
            remedy="Fetch the data first ('git annex get', 'dvc pull'), or name other files.",
        )


def _glob(pattern: str) -> list[Path]:
    import glob

    return sorted(Path(p) for p in glob.glob(pattern, recursive=True) if os.path.isfile(p))  # noqa: PTH113, PTH207
