"""Uploaded or named files on their way into the store: import, then analysis, as one job."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from analysis import limits
from analysis.errors import Cancelled, StoreError, UsageError
from analysis.formats.mapping import FieldMapping
from analysis.progress import CancelToken, ProgressCallback
from analysis.runner import AnalyzeReport, analyze
from analysis.store import Store
from analysis.store.importing import ImportReport, expand_paths, import_file
from analysis.store.removal import plan_removal, remove
from analysis.store.search_index import search_index
from analysis.store.verdicts import reapply_persons
from analysis.ui.jobs import Work

ACCEPTED = (
    "jsonl",
    "ndjson",
    "json",
    "jsonlines",
    "parquet",
    "csv",
    "tsv",
    "eval",
    "sse",
    "gz",
    "zst",
    "xz",
    "bz2",
    "zip",
)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load gave: one report a file, and the analysis after it."""

    files: tuple[ImportReport, ...]
    analysis: AnalyzeReport


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on disk. ``name`` of a browser's upload is what the browser said: only a label."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files that a person chose and that are not imported yet."""

    files: tuple[Upload, ...]
    dataset: str = ""
    folder: tempfile.TemporaryDirectory[str] | None = None
    """Where uploads are kept until they are imported or discarded."""
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    """Tells the widgets of one choice from those of another."""

    def discard(self) -> None:
        """Remove the uploads from disk."""
        if self.folder is not None:
            self.folder.cleanup()


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


def choose_uploads(contents: Sequence[tuple[str, IO[bytes]]], dataset: str) -> Chosen:
    """Keep a browser's uploads on disk. Raises ``UsageError`` as ``keep`` does."""
    folder = tempfile.TemporaryDirectory(prefix="cotscope-")
    try:
        kept = tuple(keep(name, content, Path(folder.name)) for name, content in contents)
    except BaseException:
        folder.cleanup()
        raise
    return Chosen(kept, dataset, folder)


def choose_paths(paths: Sequence[str], dataset: str) -> Chosen:
    """Files of this machine by path, folder or glob. Raises ``InputError`` if nothing matches."""
    files = tuple(Upload(path.name, path) for path in expand_paths(paths))
    return Chosen(files, dataset)


def load(
    store: Store, chosen: Chosen, *, mapping: FieldMapping | None = None, again: bool = False
) -> Work:
    """Work that imports files, analyses what is new, and removes uploads from disk.

    ``mapping`` is a person's own reading of the records; ``again`` replaces what earlier imports of
    the same files gave.
    """

    def work(progress: ProgressCallback, cancel: CancelToken) -> LoadReport:
        def one(upload: Upload) -> ImportReport:
            return import_file(
                store,
                upload.path,
                name=upload.name,
                dataset=chosen.dataset or None,
                mapping=mapping,
                progress=progress,
                cancel=cancel,
            )

        reports = []
        try:
            for upload in chosen.files:
                report = one(upload)
                if again and (report.already or report.resumed):
                    remove(store, plan_removal(store, files=[report.file_id]))
                    report = one(upload)
                reports.append(report)
            reapply_persons(store)
        finally:
            chosen.discard()
        analysed = analyze(store, progress=progress, cancel=cancel)
        _index(store, progress, cancel)
        return LoadReport(tuple(reports), analysed)

    return work


def _index(store: Store, progress: ProgressCallback, cancel: CancelToken) -> None:
    """Take the new traces into the search index, so that the first search need not wait."""
    try:
        search_index(store).update(progress, cancel)
    except (Cancelled, StoreError):
        # The import itself is done and is to be reported; the Search page goes on, and says what
        # is wrong with the index if something is.
        return


def analyze_all(store: Store) -> Work:
    """Work that brings every trace up to date with the analyzers."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> LoadReport:
        return LoadReport((), analyze(store, progress=progress, cancel=cancel))

    return work
