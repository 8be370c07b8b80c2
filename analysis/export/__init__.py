"""Tables as files: CSV, JSON Lines, Parquet and Excel, in a fixed order, safe to open."""

from analysis.errors import ExportError
from analysis.export.core import (
    SUFFIXES,
    TABLES,
    ExportReport,
    export_bytes,
    export_table,
)
from analysis.export.interchange import SUFFIXES_OF, export_traces

__all__ = [
    "SUFFIXES",
    "SUFFIXES_OF",
    "TABLES",
    "ExportError",
    "ExportReport",
    "export_bytes",
    "export_table",
    "export_traces",
]
