WITH listed AS (
    SELECT t.trace_id, t.dataset, t.model, t.effort, t.checkpoint, t.sample_index, t.external_id,
           t.correct, t.truncated, t.reasoning_kind, t.reasoning_chars, t.question_preview,
           CAST(max(m.value) FILTER (WHERE m.name = 'thinking_tokens') AS BIGINT) AS thinking_tokens,
           max(m.value) FILTER (WHERE m.name = 'first_final_frac') AS first_final_frac,
           max(m.text) FILTER (WHERE m.name = 'final_answer') AS final_answer
    FROM trace t LEFT JOIN metric m USING (trace_id)
    WHERE t.question_key = $question
       -- and the questions that a person declared the same
       OR t.question_key IN (SELECT question_key FROM question_merge WHERE into_key = $question)
    GROUP BY ALL
)
-- Ordered outside: GROUP BY ALL does not accept an ORDER BY that computes with a grouped column.
SELECT * FROM listed
ORDER BY dataset, model,
         list_position(['none', 'off', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'], effort),
         effort, checkpoint, sample_index, trace_id
