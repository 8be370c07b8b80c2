-- Traces with visible reasoning; n numbers them. Tokens are undefined where no analyzer counted any.
WITH done AS (
    SELECT trace_id
    FROM analysis
    WHERE status = 'ok' AND analyzer IN (SELECT unnest($analyzers))
    GROUP BY trace_id
    HAVING count(DISTINCT analyzer) = len($analyzers)
),
tokens AS (
    SELECT trace_id, max(value) AS tokens FROM metric WHERE name = 'thinking_tokens' GROUP BY trace_id
),
chosen AS (
    SELECT t.trace_id, t.dataset, coalesce(t.model, '(not stated)') AS model,
           coalesce(t.effort, '(not stated)') AS level, {{effort}} AS effort,
           hash(coalesce(t.question_key, t.trace_id)) AS question, t.correct, t.reasoning_chars AS chars
    FROM trace t
    WHERE ({{where}}) AND t.reasoning_kind = 'visible' AND t.reasoning_chars > 0
)
SELECT CAST(row_number() OVER () AS INTEGER) AS n, c.*, d.trace_id IS NOT NULL AS analysed,
       CASE WHEN k.tokens > 0 THEN k.tokens END AS tokens
FROM chosen c
LEFT JOIN done d USING (trace_id)
LEFT JOIN tokens k USING (trace_id)
