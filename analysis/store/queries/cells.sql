SELECT t.dataset, t.model, t.effort, t.checkpoint,
       count(DISTINCT t.trace_id) AS traces,
       count(DISTINCT t.question_key) AS questions,
       count(DISTINCT t.trace_id) FILTER (WHERE t.correct) AS correct,
       count(DISTINCT t.trace_id) FILTER (WHERE t.correct IS NOT NULL) AS judged,
       {{means}}
FROM trace t LEFT JOIN metric m USING (trace_id)
WHERE {{where}}
GROUP BY t.dataset, t.model, t.effort, t.checkpoint
ORDER BY t.dataset, t.model,
         list_position(['none', 'off', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'], t.effort),
         t.effort, t.checkpoint
