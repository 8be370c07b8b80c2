"""Every number that bounds anything. Change them here, nowhere else."""

from __future__ import annotations

# --- reading files -------------------------------------------------------------------------
MAX_LINE_BYTES = 32 * 1024 * 1024
"""A longer line goes to quarantine (the longest real ones seen are about 20 MB)."""
MAX_JSON_DEPTH = 64
"""Deeper records go to quarantine."""
MAX_UNPACKED_BYTES = 64 * 1024**3
"""What one compressed file may unpack to, in bytes."""
MAX_UNPACK_RATIO = 200
"""Unpacked to packed size, checked after RATIO_CHECK_BYTES; text reaches about 20."""
RATIO_CHECK_BYTES = 64 * 1024 * 1024
MAX_JSON_DOCUMENT_BYTES = 512 * 1024 * 1024
"""A JSON file that is one document (not JSONL) is read whole, up to this size."""
QUARANTINE_RAW_BYTES = 4096
"""How much of a bad line is kept beside its sha256."""
MAX_UPLOAD_MB = 200
"""Same as server.maxUploadSize; larger files are imported by path."""
MAX_UPLOAD_NAME = 200

# --- importing -----------------------------------------------------------------------------
BATCH_TRACES = 500
BATCH_BYTES = 16 * 1024 * 1024
"""A batch (one transaction) ends at whichever comes first."""
PREVIEW_CHARS = 200

# --- analysing -----------------------------------------------------------------------------
ANALYZE_SECONDS_PER_TRACE = 5.0
"""An analyzer that needs longer on one trace is stopped; the trace gets a failure row."""
WORKER_START_SECONDS = 30.0
"""What a new worker process may take for its imports, on a busy machine, beside the work itself."""
ANALYZE_CHUNK_TRACES = 64
ANALYZE_CHUNK_CHARS = 2_000_000
MAX_FINDINGS_PER_ANALYZER = 20_000
"""A runaway analyzer is a failure row, not a full disk."""

# --- the store -----------------------------------------------------------------------------
STORE_MEMORY = "2GB"
STORE_THREADS = 2
STORE_TEMP_SIZE = "20GB"
STORE_QUERY_SECONDS = 300
CHECKPOINT_BYTES = "64MB"

# --- cotscope sql (a child process) --------------------------------------------------------
SQL_MEMORY_BYTES = 2 * 1024**3
SQL_CPU_SECONDS = 10
SQL_WALL_SECONDS = 15
SQL_MAX_ROWS = 10_000

# --- pages ---------------------------------------------------------------------------------
PAGE_ROWS = 50
MAX_PLOT_POINTS = 5_000
MAX_SEARCH_CHARS = 500
