-- One row a trace under the filter with what a recipe asks of it; no long text is unpacked.
-- correct is what counts: a person's verdict before the stated one before the verifier's.
WITH m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    WHERE name IN (SELECT unnest($names))
    GROUP BY trace_id
)
SELECT r.rowid AS place, t.file_id, coalesce(q.into_key, t.question_key, t.trace_id) AS question_key,
       t.model, t.correct,
       t.truncated OR t.finish_reason_norm = 'length' AS cut_off, t.reasoning_chars AS chars,
       t.reasoning_kind = 'visible' AND coalesce(t.reasoning_chars, 0) > 0
           AND coalesce(t.answer_chars, 0) > 0 AND coalesce(t.question_preview, '') <> ''
           AND t.error IS NULL AS usable,
       -- Both sides of a pair must have been asked with the same system prompt.
       coalesce(md5(r.system_prompt_packed), '') AS system,
       -- About how many bytes of text the trace has unpacked.
       1000 + 2 * (coalesce(r.reasoning_chars, 0) + coalesce(r.answer_chars, 0))
           + 8 * (octet_length(r.metadata_packed) + coalesce(octet_length(r.question_packed), 0)) AS weight, {{chosen}}
FROM trace t JOIN trace_row r USING (trace_id)
     LEFT JOIN m ON m.trace_id = t.trace_id
     LEFT JOIN question_merge q ON q.question_key = t.question_key
WHERE {{where}}
ORDER BY t.dataset, t.file_id, t.record_index, t.part_index, t.trace_id
