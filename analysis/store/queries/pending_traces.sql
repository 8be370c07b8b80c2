-- Traces that lack a wanted result at its present version, with the names that they lack.
WITH wanted AS (
    SELECT unnest($names) AS analyzer, unnest($versions) AS version, unnest($hashes) AS config_hash
),
have AS (
    SELECT a.trace_id, a.analyzer
    FROM analysis a
    JOIN wanted w
      ON w.analyzer = a.analyzer AND w.version = a.analyzer_version AND w.config_hash = a.config_hash
),
page AS (
    SELECT t.trace_id
    FROM trace t
    WHERE t.trace_id > $after
      AND (SELECT count(*) FROM have h WHERE h.trace_id = t.trace_id) < len($names)
    ORDER BY t.trace_id
    LIMIT $limit
),
missing AS (
    SELECT p.trace_id, list(w.analyzer) AS missing
    FROM page p CROSS JOIN wanted w
    WHERE NOT EXISTS (
        SELECT 1 FROM have h WHERE h.trace_id = p.trace_id AND h.analyzer = w.analyzer
    )
    GROUP BY p.trace_id
)
SELECT t.trace_id, m.missing, t.reasoning, t.answer, t.question, t.gold_answer, t.correct, t.model,
       t.effort, t.target_language, t.truncated, t.reasoning_kind, t.reasoning_tokens
FROM missing m JOIN trace t USING (trace_id)
ORDER BY t.trace_id
