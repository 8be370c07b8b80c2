-- For a list of traces: question, own id, and the sentence where the final answer first stood.
WITH place AS (
    SELECT trace_id, value AS frac
    FROM metric
    WHERE name = 'first_final_frac' AND value IS NOT NULL AND list_contains($ids, trace_id)
),
reached AS (
    SELECT s.trace_id, min(s.sentence_index) AS sentence
    FROM sentence s JOIN place p USING (trace_id) JOIN trace t USING (trace_id)
    -- The share is of characters up to the end of the candidate; half a character of slack.
    WHERE s.char_end >= p.frac * t.reasoning_chars - 0.5
    GROUP BY s.trace_id
)
SELECT t.trace_id, t.external_id, t.checkpoint, t.question_preview AS question, r.sentence AS at
FROM trace t LEFT JOIN reached r USING (trace_id)
WHERE list_contains($ids, t.trace_id)
ORDER BY t.trace_id
