-- One row a trace with one column a metric.
WITH m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    GROUP BY trace_id
)
SELECT t.trace_id, t.external_id, t.dataset, t.model, t.effort, t.sample_index, t.question_id,
       t.correct, m.* EXCLUDE (trace_id), t.question_key, t.reasoning_kind, t.truncated
FROM trace t LEFT JOIN m USING (trace_id)
WHERE {{where}}
ORDER BY t.dataset, t.file_id, t.record_index, t.part_index, t.trace_id
