-- The traces with visible reasoning that have most of one metric. These are found first, so that the
-- other metrics are read for them alone.
WITH measured AS (
    SELECT trace_id, max(value) AS measure FROM metric WHERE name = $measure GROUP BY trace_id
),
most AS (
    SELECT t.trace_id, t.external_id, t.dataset, t.model, t.effort, t.checkpoint, t.sample_index,
           t.correct, t.truncated, t.question_preview AS question, measured.measure
    FROM trace t JOIN measured USING (trace_id)
    WHERE ({{where}}) AND t.reasoning_kind = 'visible' AND measured.measure IS NOT NULL
    ORDER BY measured.measure DESC, t.trace_id
    LIMIT $limit
),
m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    WHERE name IN (SELECT unnest($names)) AND trace_id IN (SELECT trace_id FROM most)
    GROUP BY trace_id
)
SELECT most.* EXCLUDE (measure), m.* EXCLUDE (trace_id)
FROM most JOIN m USING (trace_id)
ORDER BY most.measure DESC, trace_id
