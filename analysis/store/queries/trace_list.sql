-- One page of the list of traces, without their long texts.
WITH m AS (
    SELECT trace_id,
           CAST(max(value) FILTER (WHERE name = 'thinking_tokens') AS BIGINT) AS m_thinking_tokens,
           max(value) FILTER (WHERE name = 'post_answer_waste') AS m_post_answer_waste,
           CAST(max(value) FILTER (WHERE name = 'n_candidates') AS BIGINT) AS m_n_candidates,
           max(value) FILTER (WHERE name = 'switches_per_1k') AS m_switches_per_1k
    FROM metric
    WHERE name IN ('thinking_tokens', 'post_answer_waste', 'n_candidates', 'switches_per_1k')
    GROUP BY trace_id
)
SELECT t.trace_id, t.dataset, t.model, t.effort, t.sample_index, t.external_id, t.question_key,
       t.question_preview, t.answer_preview, t.correct, t.truncated, t.reasoning_kind,
       t.reasoning_chars, m.m_thinking_tokens AS thinking_tokens,
       m.m_post_answer_waste AS post_answer_waste, m.m_n_candidates AS n_candidates
FROM trace t LEFT JOIN m USING (trace_id)
WHERE {{where}}
ORDER BY {{order}}
LIMIT $limit OFFSET $offset
