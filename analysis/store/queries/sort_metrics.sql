-- The metrics that a list of traces shows and can be sorted by; a part of other queries.
SELECT trace_id,
       CAST(max(value) FILTER (WHERE name = 'thinking_tokens') AS BIGINT) AS m_thinking_tokens,
       max(value) FILTER (WHERE name = 'post_answer_waste') AS m_post_answer_waste,
       CAST(max(value) FILTER (WHERE name = 'n_candidates') AS BIGINT) AS m_n_candidates,
       max(value) FILTER (WHERE name = 'switches_per_1k') AS m_switches_per_1k
FROM metric
WHERE name IN ('thinking_tokens', 'post_answer_waste', 'n_candidates', 'switches_per_1k')
GROUP BY trace_id
