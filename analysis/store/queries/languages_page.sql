-- One page of stretches, each with the sentence that it begins in.
WITH page AS (
    SELECT *
    FROM language_span
    ORDER BY dataset, file_id, record_index, part_index, trace_id, char_start, finding_index
    LIMIT $limit OFFSET $offset
)
SELECT p.*, (
           SELECT max(s.sentence_index)
           FROM sentence s
           WHERE s.trace_id = p.trace_id AND s.char_start <= p.char_start
       ) AS sentence
FROM page p
ORDER BY dataset, file_id, record_index, part_index, trace_id, char_start, finding_index
