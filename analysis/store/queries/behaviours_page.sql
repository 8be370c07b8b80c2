-- One page of the chosen findings, each with its span and the sentence that it begins in.
WITH page AS (
    SELECT t.trace_id, c.*, t.dataset, t.model, t.level, t.correct
    FROM behaviour_chosen c JOIN behaviour_trace t USING (n)
    ORDER BY t.dataset, t.model, t.level, t.trace_id, c.began, c.label
    LIMIT $limit OFFSET $offset
)
SELECT p.trace_id, p.dataset, p.model, p.level AS effort, p.correct, CAST(p.label AS INTEGER) AS label,
       p.place, f.char_start, f.char_end, f.score, f.evidence, (
           SELECT max(s.sentence_index)
           FROM sentence s
           WHERE s.trace_id = p.trace_id AND s.char_start <= f.char_start
       ) AS sentence
FROM page p
JOIN (SELECT unnest($labels) AS name, unnest($owners) AS analyzer,
             generate_subscripts($labels, 1) - 1 AS label) o USING (label)
JOIN finding f ON f.trace_id = p.trace_id AND f.analyzer = o.analyzer AND f.label = o.name
     AND f.finding_index = p.finding_index
ORDER BY p.dataset, p.model, p.level, p.trace_id, p.began, p.label
