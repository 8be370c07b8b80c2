-- Traces with a gold answer that the verifier has not judged at its present version.
WITH page AS MATERIALIZED (
    SELECT r.trace_id
    FROM trace_row r
    LEFT JOIN verdict v ON v.trace_id = r.trace_id AND v.source = 'verifier'
    WHERE r.trace_id > $after AND trim(coalesce(r.gold_answer, '')) <> ''
      AND (v.trace_id IS NULL OR v.verifier <> $verifier OR v.verifier_version <> $version)
    ORDER BY r.trace_id
    LIMIT $limit
)
-- Texts are unpacked here and not by the view, which would unpack every row before the join.
SELECT t.trace_id, t.gold_answer, t.extracted_answer, t.truncated, t.finish_reason_norm,
       unpack_text(t.question_packed) AS question, unpack_text(t.answer_packed) AS answer,
       unpack_text(t.reasoning_packed) AS reasoning
FROM page JOIN trace_row t USING (trace_id)
ORDER BY t.trace_id
