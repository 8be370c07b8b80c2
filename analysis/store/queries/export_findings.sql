SELECT f.trace_id, f.analyzer, f.analyzer_version, f.label, f.value, f.char_start AS "start",
       f.char_end AS "end", f.score, f.evidence
FROM finding f
JOIN (SELECT unnest($ids) AS trace_id, generate_subscripts($ids, 1) AS position) p USING (trace_id)
ORDER BY p.position, f.char_start, f.char_end, f.label, f.analyzer, f.finding_index
