-- One row a trace, cell by cell, with what the comparison of cells needs; no long texts.
-- Cells and questions are named as a person names them, else as the records do.
-- The order is total, so that sums come out the same to the last bit in every run.
WITH m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    WHERE name IN (SELECT unnest($names))
    GROUP BY trace_id
),
said AS (
    SELECT t.dataset, t.model AS stated_model, {{effort}} AS stated_effort,
           coalesce(q.into_key, t.question_key, t.trace_id) AS question_key,
           t.question_id, t.question_preview, t.sample_index, t.trace_id, t.correct,
           t.extracted_answer, t.gold_answer,
           t.reasoning_kind = 'visible' AS visible, t.truncated,
           -- A stated count below 0, or of 0 beside a text, is a fault of the source.
           CASE WHEN t.reasoning_tokens > 0 OR (t.reasoning_tokens = 0 AND coalesce(t.reasoning_chars, 0) = 0)
                THEN t.reasoning_tokens END AS reasoning_tokens, t.token_source, t.score, t.cost, t.thinking_budget_tokens, m.* EXCLUDE (trace_id)
    FROM trace t LEFT JOIN m USING (trace_id)
         LEFT JOIN question_merge q ON q.question_key = t.question_key
    WHERE {{where}}
),
listed AS (
    SELECT s.* EXCLUDE (stated_model, stated_effort), coalesce(c.model, s.stated_model) AS model,
           coalesce(c.effort, s.stated_effort) AS effort
    FROM said s LEFT JOIN cell_name c ON c.dataset = s.dataset
         AND c.stated_model IS NOT DISTINCT FROM s.stated_model
         AND c.stated_effort IS NOT DISTINCT FROM s.stated_effort
)
SELECT *
FROM listed
ORDER BY dataset, model NULLS LAST, {{effort_order}}, effort, question_key, sample_index, trace_id
