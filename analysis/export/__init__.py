"""Tables as files: CSV, JSON Lines, Parquet and Excel, in a fixed order, safe to open."""

from analysis.errors import ExportError
from analysis.export.core import (
    SUFFIXES,
    TABLES,
    ExportReport,
    export_bytes,
    export_table,
)

__all__ = ["SUFFIXES", "TABLES", "ExportError", "ExportReport", "export_bytes", "export_table"]
