-- Language facts of each trace with visible reasoning; no texts.
WITH m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    WHERE name IN (SELECT unnest($names))
    GROUP BY trace_id
)
SELECT t.trace_id, t.dataset, t.model, t.effort AS level, {{effort}} AS effort,
       coalesce(t.question_key, t.trace_id) AS question_key, t.correct, m.* EXCLUDE (trace_id)
FROM trace t LEFT JOIN m USING (trace_id)
WHERE ({{where}}) AND t.reasoning_kind = 'visible'
