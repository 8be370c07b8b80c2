-- One row a trace, cell by cell, with what the comparison of cells needs; no long texts.
-- The order is total, so that sums come out the same to the last bit in every run.
WITH m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    WHERE name IN (SELECT unnest($names))
    GROUP BY trace_id
),
listed AS (
    SELECT t.dataset, t.model, {{effort}} AS effort,
           coalesce(t.question_key, t.trace_id) AS question_key,
           t.question_id, t.question_preview, t.sample_index, t.trace_id, t.correct,
           t.extracted_answer, t.gold_answer,
           t.reasoning_kind = 'visible' AS visible, t.truncated,
           t.reasoning_tokens, t.token_source, t.score, t.cost, t.thinking_budget_tokens, m.* EXCLUDE (trace_id)
    FROM trace t LEFT JOIN m USING (trace_id)
    WHERE {{where}}
)
SELECT *
FROM listed
ORDER BY dataset, model NULLS LAST, {{effort_order}}, question_key, sample_index, trace_id
