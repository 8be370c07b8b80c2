-- The canonical data model. Offsets are Unicode code points, end exclusive. Undefined is NULL, never 0.

CREATE TABLE file (
    file_id      VARCHAR PRIMARY KEY,   -- sha256 of the file's bytes
    name         VARCHAR NOT NULL,      -- as given; a label only, never opened again
    bytes        BIGINT NOT NULL,
    dataset      VARCHAR,               -- given with --dataset; NULL: each row's own, else the file's stem
    status       VARCHAR NOT NULL CHECK (status IN ('importing', 'complete')),
    -- Where a resume continues; written in the same transaction as the batch before it.
    next_byte    BIGINT NOT NULL DEFAULT 0,
    next_line    BIGINT NOT NULL DEFAULT 0,
    next_index   BIGINT NOT NULL DEFAULT 0,
    n_records    BIGINT NOT NULL DEFAULT 0,
    n_traces     BIGINT NOT NULL DEFAULT 0,
    n_quarantined BIGINT NOT NULL DEFAULT 0,
    n_blank      BIGINT NOT NULL DEFAULT 0,
    imported_at  TIMESTAMP NOT NULL,
    cotscope_version VARCHAR NOT NULL
);

CREATE TABLE trace (
    trace_id     VARCHAR PRIMARY KEY,   -- hash of file_id, locator, sample index
    file_id      VARCHAR NOT NULL,
    member       VARCHAR,
    line_no      BIGINT,                -- 1-based physical line
    record_index BIGINT NOT NULL,       -- 0-based
    part_index   INTEGER NOT NULL,      -- which of the traces of this record
    sample_index INTEGER NOT NULL,
    format_id    VARCHAR NOT NULL,
    format_confidence DOUBLE NOT NULL,
    external_id  VARCHAR,
    dataset      VARCHAR NOT NULL,
    question_id  VARCHAR,
    question_key VARCHAR,               -- question_id, else a hash of the normalised question text
    question     VARCHAR,
    system_prompt VARCHAR,
    reasoning    VARCHAR,
    reasoning_kind VARCHAR NOT NULL,
    answer       VARCHAR,
    split_method VARCHAR NOT NULL,
    raw_response VARCHAR,
    extracted_answer VARCHAR,
    gold_answer  VARCHAR,
    correct      BOOLEAN,
    correct_source VARCHAR,
    score        DOUBLE,
    model        VARCHAR,
    provider     VARCHAR,
    model_inferred BOOLEAN NOT NULL,
    effort       VARCHAR,
    effort_source VARCHAR,
    thinking_budget_tokens BIGINT,
    checkpoint   VARCHAR,
    target_language VARCHAR,
    prompt_tokens BIGINT,
    completion_tokens BIGINT,           -- reasoning included
    reasoning_tokens BIGINT,
    token_source VARCHAR,
    finish_reason VARCHAR,
    finish_reason_norm VARCHAR NOT NULL,
    truncated    BOOLEAN NOT NULL,
    error        VARCHAR,
    created_at   TIMESTAMP,             -- UTC
    latency_s    DOUBLE,
    cost         DOUBLE,
    probes       JSON,
    metadata     JSON NOT NULL,
    -- Kept beside the long texts so that lists never have to read them.
    reasoning_chars BIGINT,
    answer_chars BIGINT,
    question_preview VARCHAR,
    answer_preview VARCHAR
);

CREATE TABLE quarantine (
    file_id      VARCHAR NOT NULL,
    member       VARCHAR,
    line_no      BIGINT,
    record_index BIGINT NOT NULL,
    byte_start   BIGINT NOT NULL,
    byte_length  BIGINT NOT NULL,
    reason_code  VARCHAR NOT NULL,
    reason       VARCHAR NOT NULL,
    raw          BLOB NOT NULL,         -- capped
    raw_sha256   VARCHAR NOT NULL       -- of the whole
);

CREATE TABLE warning (
    file_id      VARCHAR NOT NULL,
    trace_id     VARCHAR,
    code         VARCHAR NOT NULL,
    detail       VARCHAR NOT NULL
);

CREATE TABLE sentence (
    trace_id     VARCHAR NOT NULL,
    sentence_index INTEGER NOT NULL,
    char_start   BIGINT NOT NULL,
    char_end     BIGINT NOT NULL,
    thought_index INTEGER NOT NULL
);

CREATE TABLE finding (
    trace_id     VARCHAR NOT NULL,
    analyzer     VARCHAR NOT NULL,
    analyzer_version VARCHAR NOT NULL,
    finding_index INTEGER NOT NULL,     -- order within trace and analyzer
    label        VARCHAR NOT NULL,
    value        VARCHAR,
    char_start   BIGINT NOT NULL,
    char_end     BIGINT NOT NULL,
    score        DOUBLE NOT NULL,
    evidence     JSON NOT NULL
);

CREATE TABLE metric (
    trace_id     VARCHAR NOT NULL,
    analyzer     VARCHAR NOT NULL,
    analyzer_version VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    value        DOUBLE,                -- numbers, and booleans as 0/1
    text         VARCHAR                -- metrics of kind 'text'
);

-- What has been computed, so that a rerun does only what changed. 'sentences' is an analyzer here too.
CREATE TABLE analysis (
    trace_id     VARCHAR NOT NULL,
    analyzer     VARCHAR NOT NULL,
    analyzer_version VARCHAR NOT NULL,
    config_hash  VARCHAR NOT NULL,
    status       VARCHAR NOT NULL CHECK (status IN ('ok', 'skipped', 'failed')),
    error        VARCHAR,
    PRIMARY KEY (trace_id, analyzer)
);

-- A person's labels and verdicts. Nothing of ours ever updates or deletes a row here.
CREATE TABLE annotation (
    annotation_id VARCHAR PRIMARY KEY,
    trace_id     VARCHAR NOT NULL,
    annotator    VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL,      -- accept, reject, add, move, comment, mark, verdict
    label        VARCHAR,
    char_start   BIGINT,
    char_end     BIGINT,
    value        VARCHAR,
    comment      VARCHAR,
    created_at   TIMESTAMP NOT NULL
);
