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
LARGE_DOCUMENT_BYTES = 16 * 1024 * 1024
"""A larger one is read element by element, where its shape allows that."""
DOCUMENT_FRAME_BYTES = 16 * 1024 * 1024
"""What may stand around the elements of such a document."""
MAX_DOCUMENT_ELEMENTS = 5_000_000
"""A document of more elements is read whole (its elements are a few bytes each)."""
LARGE_DOCUMENT_BYTES = 16 * 1024 * 1024
"""A larger one is read element by element, where its shape allows that."""
DOCUMENT_FRAME_BYTES = 16 * 1024 * 1024
"""What may stand around the elements of such a document."""
MAX_DOCUMENT_ELEMENTS = 5_000_000
"""A document of more elements is read whole (its elements are a few bytes each)."""
MAX_PIPE_BYTES = 64 * 1024**3
"""What comes through a pipe is kept in a temporary file, up to this size."""
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
IMPORT_MEMORY_BYTES = 128 * 1024 * 1024
"""What DuckDB may hold during `cotscope import`, beside the index (``store.memory``)."""

# --- analysing -----------------------------------------------------------------------------
ANALYZE_SECONDS_PER_TRACE = 5.0
"""An analyzer that needs longer on one trace is stopped; the trace gets a failure row."""
WORKER_START_SECONDS = 30.0
"""What a new worker process may take for its imports, on a busy machine, beside the work itself."""
ANALYZE_CHUNK_TRACES = 64
ANALYZE_CHUNK_CHARS = 2_000_000
MAX_FINDINGS_PER_ANALYZER = 20_000
"""A runaway analyzer is a failure row, not a full disk."""

# --- judging answers (math-verify in worker processes) --------------------------------------
VERIFY_SECONDS_PER_PAIR = 5.0
"""A pair that needs longer loses its worker process and is undecided."""
VERIFY_MEMORY_BYTES = 1024**3
VERIFY_MAX_CHARS = 2_000
VERIFY_CACHE_PAIRS = 20_000

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

# --- preview and mappings -------------------------------------------------------------------
PREVIEW_RECORDS = 10
PREVIEW_BYTES = 64 * 1024 * 1024
"""A preview ends at whichever comes first."""
PREVIEW_TRACES = 20
"""Traces of one record whose fields a preview tells one by one."""
PREVIEW_RECORD_CHARS = 4_000
PREVIEW_TEXT_CHARS = 400
PREVIEW_LEAVES = 2_000
"""How many values of one record a preview looks at to say where a field came from."""
PREVIEW_SURE = 0.65
"""A record that is recognised with less confidence than this is shown as unsure."""
PREVIEW_MARGIN = 0.1
"""Another format that fits this nearly as well is read too, and shown if it reads otherwise."""
PREVIEW_PATHS = 300
"""Paths that a person can choose from."""
MAX_PATH_CHARS = 500
MAX_MAPPING_BYTES = 64 * 1024
MAX_MAPPING_CONSTANT_CHARS = 10_000
MAX_MAPPING_SAMPLES = 10_000
"""Samples that a mapping may read from one record."""

# --- pages ---------------------------------------------------------------------------------
PAGE_ROWS = 50
MAX_PLOT_POINTS = 5_000
MAX_DOWNLOAD_TRACES = 20_000
"""More traces than this are exported with the command line: a download is held in memory."""
MAX_SEARCH_CHARS = 500

# --- search --------------------------------------------------------------------------------
MAX_QUERY_CHARS = 2_000
MAX_QUERY_TERMS = 64
MAX_QUERY_DEPTH = 20
SEARCH_WRITER_BYTES = 64 * 1024 * 1024
SEARCH_COMMIT_CHARS = 100_000_000
"""What an update of the index that is killed may lose, in characters of text."""
SEARCH_INLINE_TRACES = 1_000
"""A page takes in so many new traces at once before it answers; more are a job in the background."""
SEARCH_PAGE_TRACES = 20
SEARCH_PASSAGES = 3
"""Passages of one trace on a page of results; the rest are counted."""
SEARCH_MAX_HITS = 10_000
"""Hits of one trace that are looked for."""
SEARCH_CONTEXT_CHARS = 110
"""On each side of a hit."""
SEARCH_SCAN_SECONDS = 20.0
"""A regular expression that needs longer stops and says how far it came."""
SEARCH_SCAN_SOON_SECONDS = 0.8
"""After this, a scan ends as soon as it has a page of results."""
SEARCH_SAVED_NAME = 80

# --- running models ------------------------------------------------------------------------
MAX_REPLY_BYTES = 256 * 1024 * 1024
"""What a server may send for one request; a trace of 100,000 tokens streams as about 30 MB."""
MAX_EVENT_BYTES = 16 * 1024 * 1024
"""One event of a stream."""

# --- the desktop window --------------------------------------------------------------------
MAX_DROPPED_FILES = 100
MAX_DROPPED_URL_CHARS = 8_000
"""Files dropped on the window are named in one address; more go in by their folder."""
DESKTOP_START_SECONDS = 120.0
"""What the server may take until it answers, and the first picture until it is drawn."""
