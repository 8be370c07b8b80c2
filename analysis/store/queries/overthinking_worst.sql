-- The traces with visible reasoning that have most of one metric.
WITH m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    WHERE name IN (SELECT unnest($names))
    GROUP BY trace_id
)
SELECT t.trace_id, t.external_id, t.dataset, t.model, t.effort, t.checkpoint, t.sample_index,
       t.correct, t.truncated, t.question_preview AS question, m.* EXCLUDE (trace_id)
FROM trace t JOIN m USING (trace_id)
WHERE ({{where}}) AND t.reasoning_kind = 'visible' AND m.{{measure}} IS NOT NULL
ORDER BY m.{{measure}} DESC, t.trace_id
LIMIT $limit
