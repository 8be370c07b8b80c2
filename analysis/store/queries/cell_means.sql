-- Mean of each metric over the samples of a question in a cell; metrics of a text that is not the
-- thinking itself are left out.
SELECT dataset, model, effort, question_key, name, avg(value) AS mean
FROM sample JOIN metric USING (trace_id)
WHERE value IS NOT NULL AND isfinite(value) AND name <> 'thinking_tokens'
  AND (own_text OR name IN ('placeholder_cot', 'reasoning_visible'))
  AND list_contains($cells, concat_ws(chr(31), dataset, coalesce(model, ''), coalesce(effort, '')))
GROUP BY dataset, model, effort, question_key, name
UNION ALL BY NAME
SELECT dataset, model, effort, question_key, unnest(['truncated', 'failed', 'completion_tokens', 'cost', 'score']) AS name,
       unnest([avg(CAST(truncated AS INTEGER)), avg(CAST(failed AS INTEGER)), avg(completion_tokens), avg(cost), avg(score)]) AS mean
FROM sample
WHERE list_contains($cells, concat_ws(chr(31), dataset, coalesce(model, ''), coalesce(effort, '')))
GROUP BY dataset, model, effort, question_key
