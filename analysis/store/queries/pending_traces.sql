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
),
-- Joined first, and only then unpacked: the view, or an unpacking below the join, would unpack every
-- row of the table for each page.
here AS MATERIALIZED (
    SELECT m.missing, t.*
    FROM missing m JOIN trace_row t USING (trace_id)
),
warned AS (
    SELECT trace_id, list(DISTINCT code ORDER BY code) AS warnings
    FROM warning SEMI JOIN missing USING (trace_id)
    GROUP BY trace_id
),
opened AS (
    SELECT *, CAST(unpack_text(metadata_packed) AS JSON) AS rest
    FROM here
)
SELECT t.trace_id, t.missing, unpack_text(t.reasoning_packed) AS reasoning,
       unpack_text(t.answer_packed) AS answer, unpack_text(t.question_packed) AS question,
       t.gold_answer, t.correct, t.model, t.effort, t.target_language, t.truncated,
       t.reasoning_kind, t.reasoning_tokens, t.completion_tokens, t.finish_reason_norm,
       unpack_text(t.probes_packed) AS probes,
       -- The object that holds a record's own solution rounds, where it has any.
       CAST(CASE WHEN json_exists(t.rest, '$.solutions') THEN t.rest
                 WHEN json_exists(t.rest, '$.meta.solutions') THEN json_extract(t.rest, '$.meta')
            END AS VARCHAR) AS solutions,
       -- What an engine of ours counted needs no guess from the text.
       CASE WHEN t.token_source = 'engine' THEN list_append(coalesce(w.warnings, []), 'engine_tokens')
            ELSE w.warnings END AS warnings
FROM opened t LEFT JOIN warned w USING (trace_id)
ORDER BY t.trace_id
