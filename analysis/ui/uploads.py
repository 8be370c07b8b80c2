"""An uploaded or named file on its way into the store: import, then analysis, as one job."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from analysis import limits
from analysis.errors import UsageError
from analysis.progress import CancelToken, ProgressCallback
from analysis.runner import AnalyzeReport, analyze
from analysis.store import Store
from analysis.store.importing import ImportReport, expand_paths, import_file
from analysis.ui.jobs import Work

ACCEPTED = ("jsonl", "ndjson", "json", "gz", "zst", "xz", "bz2", "zip")


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load gave: one report a file, and the analysis after it."""

    files: tuple[ImportReport, ...]
    analysis: AnalyzeReport


@dataclass(frozen=True, slots=True)
class Upload:
    """A browser's upload on disk. ``name`` is what the browser said: a label, never a path."""

    name: str
    path: Path


def keep(name: str, content: IO[bytes], folder: Path) -> Upload:
    """Write an upload into ``folder`` under a name of ours.

    Raises ``UsageError`` for a suffix that is not accepted: the browser's own check can be passed
    by, so it is made again here.
    """
    label = name.replace("\\", "/").rsplit("/", 1)[-1][-limits.MAX_UPLOAD_NAME :]
    if not label.lower().endswith(tuple("." + suffix for suffix in ACCEPTED)):
        raise UsageError(
            f"{label or 'The file'} is not a trace file.",
            remedy="Upload " + ", ".join("." + suffix for suffix in ACCEPTED) + ".",
        )
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".upload", delete=False) as target:
        while block := content.read(1024 * 1024):
            target.write(block)
    return Upload(label, Path(target.name))


def load_uploads(
    store: Store, uploads: Sequence[Upload], folder: tempfile.TemporaryDirectory[str], dataset: str
) -> Work:
    """Work that imports the uploads, analyses what is new, and removes the temporary files."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> LoadReport:
        with folder:
            reports = tuple(
                import_file(
                    store,
                    upload.path,
                    name=upload.name,
                    dataset=dataset or None,
                    progress=progress,
                    cancel=cancel,
                )
                for upload in uploads
            )
        return LoadReport(reports, analyze(store, progress=progress, cancel=cancel))

    return work


def load_paths(store: Store, paths: Sequence[str], dataset: str) -> Work:
    """Work that imports files of this machine by path, folder or glob, and analyses what is new.

    Raises ``InputError`` when nothing matches.
    """
    files = expand_paths(paths)

    def work(progress: ProgressCallback, cancel: CancelToken) -> LoadReport:
        reports = tuple(
            import_file(store, path, dataset=dataset or None, progress=progress, cancel=cancel)
            for path in files
        )
        return LoadReport(reports, analyze(store, progress=progress, cancel=cancel))

    return work


def analyze_all(store: Store) -> Work:
    """Work that brings every trace up to date with the analyzers."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> LoadReport:
        return LoadReport((), analyze(store, progress=progress, cancel=cancel))

    return work
