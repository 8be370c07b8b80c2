-- The candidate answers of the chosen traces that have a place (a bare mention has none), in order.
SELECT f.trace_id, f.value, f.char_end
FROM finding f JOIN trace t USING (trace_id)
WHERE f.label = 'candidate_answer' AND f.value IS NOT NULL
  AND json_extract_string(f.evidence, '$.form') <> 'mention' AND {{where}}
ORDER BY f.trace_id, f.char_end, f.finding_index
