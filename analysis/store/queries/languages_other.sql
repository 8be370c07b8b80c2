-- Traces whose reasoning is mostly in another language than the asked one.
WITH m AS (
    SELECT trace_id, {{metrics}}
    FROM metric
    WHERE name IN (SELECT unnest($names))
    GROUP BY trace_id
)
SELECT t.trace_id, t.question_preview AS question, m.target_language AS asked,
       m.matrix_language AS thought, m.languages, t.model, {{effort}} AS effort, t.correct,
       t.reasoning_chars, t.dataset
FROM trace t JOIN m USING (trace_id)
WHERE ({{where}}) AND t.reasoning_kind = 'visible'
      AND (m.thinks_in_other_language OR ($asked IS NOT NULL AND $thought IS NOT NULL))
      AND ($asked IS NULL OR m.target_language = $asked)
      AND ($thought IS NULL OR m.matrix_language = $thought)
ORDER BY t.dataset, t.file_id, t.record_index, t.part_index, t.trace_id
LIMIT $limit
