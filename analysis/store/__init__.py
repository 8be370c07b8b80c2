"""The only place that knows DuckDB."""

from analysis.store.connection import Store, default_path, open_store

__all__ = ["Store", "default_path", "open_store"]
