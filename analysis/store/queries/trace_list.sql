-- One page of the list of traces, without their long texts.
WITH m AS (
    {{sort_metrics}}
)
SELECT t.trace_id, t.dataset, t.model, t.effort, t.sample_index, t.external_id, t.question_key,
       t.question_preview, t.answer_preview, t.correct, t.truncated, t.reasoning_kind,
       t.reasoning_chars, m.m_thinking_tokens AS thinking_tokens,
       m.m_post_answer_waste AS post_answer_waste, m.m_n_candidates AS n_candidates
FROM trace t LEFT JOIN m USING (trace_id)
WHERE {{where}}
ORDER BY {{order}}
LIMIT $limit OFFSET $offset
