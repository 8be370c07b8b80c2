-- One row a trace with its cell as a person or else its record names it; no long texts.
-- Other queries stand on this one and read from `sample`.
WITH m AS (
    SELECT trace_id,
           max(value) FILTER (WHERE name = 'thinking_tokens') AS thinking_tokens,
           max(text) FILTER (WHERE name = 'thinking_token_source') AS thinking_token_source,
           max(value) FILTER (WHERE name = 'placeholder_cot') AS placeholder_cot
    FROM metric
    WHERE name IN ('thinking_tokens', 'thinking_token_source', 'placeholder_cot')
    GROUP BY trace_id
),
said AS (
    SELECT t.trace_id, t.dataset, t.model AS stated_model, {{effort}} AS stated_effort,
           t.thinking_budget_tokens AS budget,
           coalesce(q.into_key, t.question_key, t.trace_id) AS question_key,
           t.question_id, t.question_preview, t.sample_index, t.correct, t.score, t.cost, t.truncated,
           t.completion_tokens, t.reasoning_chars, t.answer_chars, t.extracted_answer, t.gold_answer, t.error IS NOT NULL AS failed,
           -- A stated count below 0, or of 0 beside a text, is a fault of the source.
           CASE WHEN t.reasoning_tokens > 0 OR (t.reasoning_tokens = 0 AND coalesce(t.reasoning_chars, 0) = 0)
                THEN t.reasoning_tokens END AS stated_tokens, t.token_source,
           t.reasoning_kind = 'visible' AS visible,
           t.reasoning_kind = 'visible' AND coalesce(m.placeholder_cot, 0) = 0 AS own_text,
           m.thinking_tokens, m.thinking_token_source
    FROM trace t
    LEFT JOIN m USING (trace_id)
    LEFT JOIN question_merge q ON q.question_key = t.question_key
    WHERE {{where}}
),
sample AS (
    -- A text that is not the thinking itself is no measure of it: only a stated count is.
    SELECT s.* EXCLUDE (thinking_tokens, thinking_token_source, token_source, budget),
           coalesce(c.model, s.stated_model) AS model,
           coalesce(c.effort, s.stated_effort) AS effort,
           coalesce(c.budget_tokens, s.budget) AS budget, c.position,
           c.model IS NOT NULL AS model_edited, c.effort IS NOT NULL AS effort_edited,
           CASE WHEN own_text AND thinking_tokens IS NOT NULL THEN thinking_tokens
                WHEN stated_tokens IS NOT NULL THEN CAST(stated_tokens AS DOUBLE) END AS tokens,
           CASE WHEN own_text AND thinking_tokens IS NOT NULL THEN thinking_token_source
                WHEN stated_tokens IS NOT NULL THEN coalesce(token_source, 'api') END AS tokens_from
    FROM said s
    LEFT JOIN cell_name c ON c.dataset = s.dataset
         AND c.stated_model IS NOT DISTINCT FROM s.stated_model
         AND c.stated_effort IS NOT DISTINCT FROM s.stated_effort
)
{{body}}
