SELECT s.trace_id, s.sentence_index, s.thought_index, s.char_start AS "start", s.char_end AS "end"
FROM sentence s
JOIN (SELECT unnest($ids) AS trace_id, generate_subscripts($ids, 1) AS position) p USING (trace_id)
ORDER BY p.position, s.sentence_index
