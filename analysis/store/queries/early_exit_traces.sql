-- One row a trace with what stopping its thinking early needs; no long texts but its probes.
WITH m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    WHERE name IN (SELECT unnest($names))
    GROUP BY trace_id
),
listed AS (
    SELECT t.trace_id, t.dataset, t.model, {{effort}} AS effort,
           coalesce(t.question_key, t.trace_id) AS question_key, t.correct, t.gold_answer,
           t.reasoning_kind, t.reasoning_chars, CAST(t.probes AS VARCHAR) AS probes,
           m.* EXCLUDE (trace_id)
    FROM trace t LEFT JOIN m USING (trace_id)
    WHERE {{where}}
)
SELECT *
FROM listed
ORDER BY dataset, model NULLS LAST, {{effort_order}}, question_key, trace_id
