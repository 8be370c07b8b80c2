-- The sentence of each of a few places in traces.
SELECT p.trace_id, p.place, max(s.sentence_index) AS sentence
FROM (SELECT unnest($ids) AS trace_id, unnest($places) AS place) p
JOIN sentence s ON s.trace_id = p.trace_id AND s.char_start <= p.place
GROUP BY p.trace_id, p.place
