-- The first traces of each of some questions in each cell.
SELECT dataset, model, effort, question_key,
       list(trace_id ORDER BY sample_index, trace_id)[1:$most] AS trace_ids
FROM sample
WHERE list_contains($questions, question_key)
GROUP BY dataset, model, effort, question_key
ORDER BY dataset, model, effort, question_key
