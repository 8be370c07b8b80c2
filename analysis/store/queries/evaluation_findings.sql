-- Findings of some labels in some traces, each label from the analyzer that owns it.
SELECT f.trace_id, f.label, f.char_start, f.char_end, f.score
FROM finding f
JOIN (SELECT unnest($labels) AS label, unnest($owners) AS analyzer) o USING (label, analyzer)
WHERE f.trace_id IN (SELECT unnest($ids))
ORDER BY f.trace_id, f.char_start, f.char_end, f.label
