-- Long texts packed one by one (store/packing.py), so that one trace opens without its neighbours.
-- trace_row holds what is stored; the view trace shows it with the columns that trace always had.
-- DuckDB must not pack these columns a second time, hence USING COMPRESSION.

ALTER TABLE trace RENAME TO trace_before;

CREATE TABLE trace_row (
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
    reasoning_kind VARCHAR NOT NULL,
    split_method VARCHAR NOT NULL,
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
    -- Kept beside the long texts so that lists never have to read them.
    reasoning_chars BIGINT,
    answer_chars BIGINT,
    question_preview VARCHAR,
    answer_preview VARCHAR,
    question_packed BLOB USING COMPRESSION uncompressed,
    system_prompt_packed BLOB USING COMPRESSION uncompressed,
    reasoning_packed BLOB USING COMPRESSION uncompressed,
    answer_packed BLOB USING COMPRESSION uncompressed,
    raw_response_packed BLOB USING COMPRESSION uncompressed,
    probes_packed BLOB USING COMPRESSION uncompressed,
    metadata_packed BLOB USING COMPRESSION uncompressed
);

INSERT INTO trace_row
SELECT trace_id, file_id, member, line_no, record_index, part_index, sample_index, format_id,
       format_confidence, external_id, dataset, question_id, question_key, reasoning_kind,
       split_method, extracted_answer, gold_answer, correct, correct_source, score, model,
       provider, model_inferred, effort, effort_source, thinking_budget_tokens, checkpoint,
       target_language, prompt_tokens, completion_tokens, reasoning_tokens, token_source,
       finish_reason, finish_reason_norm, truncated, error, created_at, latency_s, cost,
       reasoning_chars, answer_chars, question_preview, answer_preview, pack_text(question),
       pack_text(system_prompt), pack_text(reasoning), pack_text(answer),
       pack_response(raw_response, reasoning, answer), pack_text(CAST(probes AS VARCHAR)),
       pack_text(CAST(metadata AS VARCHAR))
FROM trace_before;

DROP TABLE trace_before;

CREATE VIEW trace AS
SELECT trace_id, file_id, member, line_no, record_index, part_index, sample_index, format_id,
       format_confidence, external_id, dataset, question_id, question_key,
       unpack_text(question_packed) AS question,
       unpack_text(system_prompt_packed) AS system_prompt,
       unpack_text(reasoning_packed) AS reasoning,
       reasoning_kind,
       unpack_text(answer_packed) AS answer,
       split_method,
       unpack_response(raw_response_packed, reasoning_packed, answer_packed) AS raw_response,
       extracted_answer, gold_answer, correct, correct_source, score, model, provider,
       model_inferred, effort, effort_source, thinking_budget_tokens, checkpoint, target_language,
       prompt_tokens, completion_tokens, reasoning_tokens, token_source, finish_reason,
       finish_reason_norm, truncated, error, created_at, latency_s, cost,
       CAST(unpack_text(probes_packed) AS JSON) AS probes,
       CAST(unpack_text(metadata_packed) AS JSON) AS metadata,
       reasoning_chars, answer_chars, question_preview, answer_preview
FROM trace_row;
