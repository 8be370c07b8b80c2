-- One row a trace with visible reasoning and the few numbers that the charts show; no texts.
WITH m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    WHERE name IN (SELECT unnest($names))
    GROUP BY trace_id
),
listed AS (
    SELECT t.trace_id, t.dataset, t.model, {{effort}} AS effort, t.correct, t.question_key, m.* EXCLUDE (trace_id)
    FROM trace t LEFT JOIN m USING (trace_id)
    WHERE ({{where}}) AND t.reasoning_kind = 'visible'
)
SELECT *
FROM listed
ORDER BY dataset, model NULLS LAST, {{effort_order}}, trace_id
