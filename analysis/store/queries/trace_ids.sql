-- The place of one trace in a filtered, sorted list, with its neighbours.
WITH m AS (
    SELECT trace_id,
           max(value) FILTER (WHERE name = 'thinking_tokens') AS m_thinking_tokens,
           max(value) FILTER (WHERE name = 'post_answer_waste') AS m_post_answer_waste,
           max(value) FILTER (WHERE name = 'n_candidates') AS m_n_candidates,
           max(value) FILTER (WHERE name = 'switches_per_1k') AS m_switches_per_1k
    FROM metric
    WHERE name IN ('thinking_tokens', 'post_answer_waste', 'n_candidates', 'switches_per_1k')
    GROUP BY trace_id
),
listed AS (
    SELECT t.trace_id,
           row_number() OVER (ORDER BY {{order}}) AS position,
           count(*) OVER () AS total,
           lag(t.trace_id) OVER (ORDER BY {{order}}) AS previous,
           lead(t.trace_id) OVER (ORDER BY {{order}}) AS next
    FROM trace t LEFT JOIN m USING (trace_id)
    WHERE {{where}}
)
SELECT position, total, previous, next FROM listed WHERE trace_id = $trace_id
