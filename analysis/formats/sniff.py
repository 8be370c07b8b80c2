"""What a file is by its first bytes, and what to tell a person whose file holds no traces."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from analysis.errors import UnreadableFileError
from analysis.formats.streams import DamagedStreamError, packing

HEAD_BYTES = 1 << 16
_AGAIN = "Download it again; the address may need a login, or it may be wrong."
_EXPORT = "Export its table as JSONL, CSV or Parquet and import that."
_UNPACK = "Unpack it and import the files in it."
_TEXT = "Save it as UTF-8 text and import that."
_OTHER = "Import JSONL, JSON, CSV or Parquet."

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", _OTHER),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (b"ARROW1", "an Arrow IPC file", "Save it as Parquet and import that."),
    (b"FEA1", "a Feather file", "Save it as Parquet and import that."),
    (b"ORC", "an ORC file", "Save it as Parquet and import that."),
    (b"Obj\x01", "an Avro file", "Save it as Parquet or JSONL and import that."),
    (b"\x89HDF\r\n", "an HDF5 file", _EXPORT),
    (b"\x93NUMPY", "a NumPy array", _OTHER),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file", "Save its table as CSV."),
    (b"\x89PNG", "a PNG image", _OTHER),
    (b"\xff\xd8\xff", "a JPEG image", _OTHER),
    (b"GIF8", "a GIF image", _OTHER),
    (b"GGUF", "the weights of a model", _OTHER),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "an LZ4 file", _UNPACK),
    (b"\x1f\x9d", "a file packed by compress", _UNPACK),
    (b"LZIP", "an lzip file", _UNPACK),
    (b"\xff\xfe\x00\x00", "UTF-32 text", _TEXT),
    (b"\x00\x00\xfe\xff", "UTF-32 text", _TEXT),
    (b"\x7fELF", "a program", _OTHER),
    (b"MZ\x90", "a program", _OTHER),
)
_PICKLE = "It can run code when it is opened, so that is never done. Save the data as JSONL."
_LFS = "Fetch the data itself with 'git lfs pull' in the repository that it came from."
_ANNEX = "Fetch the data itself with 'git annex get FILE' in the repository that it came from."
_DVC = "Fetch the data itself with 'dvc pull' and import the file that it names."

_HTML = re.compile(rb"<!doctype\s+html|<html|<head|<body|<!--.{0,400}?<html|<title", re.I | re.S)
_ANNEX_LINK = re.compile(rb"(?:/annex/objects/|[./]*\.git/annex/objects/)[^\r\n]+\s*\Z")
_DVC_POINTER = re.compile(rb"outs:\s*\n-\s+(?:md5|hash|size|path):")


def head_of(stream: io.BufferedReader, size: int = HEAD_BYTES) -> bytes:
    """The first ``size`` bytes of a stream, fewer where it ends or is damaged before."""
    parts: list[bytes] = []
    while size > 0:
        try:
            data = stream.read1(size)
        except DamagedStreamError:
            break  # told again, with its place, when the records are read
        if not data:
            break
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def require_data(head: bytes) -> None:
    """Raise ``UnreadableFileError`` if these first bytes are those of a file without traces."""
    found = _kind(head)
    if found is not None:
        kind, remedy = found
        raise UnreadableFileError(f"This is {kind}, which holds no traces to read.", remedy=remedy)
    if (inner := packing(head)) is not None:
        raise UnreadableFileError(
            f"This file is packed twice ({inner} inside).", remedy="Unpack it once and import that."
        )


def _kind(head: bytes) -> tuple[str, str] | None:
    for magic, kind, remedy in _MAGIC:
        if head.startswith(magic):
            return kind, remedy
    if head[8:12] == b"DUCK":
        return "a DuckDB database", "Export it: COPY my_table TO 'traces.parquet', and import that."
    if head[257:262] == b"ustar":
        return "a tar archive", _UNPACK
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "a Python pickle", _PICKLE
    if head[8:10] == b'{"' and head[3:8] == b"\x00" * 5:
        return "a safetensors file (weights of a model)", _OTHER
    return _text_kind(head.removeprefix(b"\xef\xbb\xbf").lstrip()[:2048])


def _text_kind(text: bytes) -> tuple[str, str] | None:
    if text.startswith(b"version https://git-lfs.github.com/spec/"):
        return "a Git LFS pointer and not the data itself", _LFS
    if text.startswith(b"# xet version"):
        return "a Xet pointer and not the data itself", "Download the data itself."
    if _ANNEX_LINK.match(text):
        return "a git-annex link and not the data itself", _ANNEX
    if _DVC_POINTER.match(text):
        return "a DVC pointer and not the data itself", _DVC
    if text.startswith(b"<"):
        if _HTML.match(text) or (text.startswith(b"<?xml") and b"<html" in text.lower()):
            return "an HTML page, often an error page saved in place of the file", _AGAIN
        if text.startswith(b"<?xml") or text[:5].lower() == b"<rss ":
            return "an XML file", _OTHER
    return None


def zip_without_data(infos: Sequence[zipfile.ZipInfo]) -> UnreadableFileError:
    """What to say of a zip in which no member is data."""
    names = {info.filename for info in infos}
    if "xl/workbook.xml" in names:
        kind, remedy = "an Excel workbook", "Save its sheet as CSV and import that."
    elif "word/document.xml" in names or "mimetype" in names:
        kind, remedy = "an office document", _OTHER
    elif any(name.endswith("data.pkl") for name in names):
        kind, remedy = "a PyTorch file (a Python pickle inside)", _PICKLE
    elif names and all(name.endswith(".npy") for name in names):
        kind, remedy = "a file of NumPy arrays", _OTHER
    else:
        kind = "a zip file without a .jsonl, .json, .csv, .tsv or .parquet member"
        remedy = "Check that it is the right file."
    return UnreadableFileError(f"This is {kind}.", remedy=remedy)
