-- One row a trace with a verdict and tokens, for bins within tiers of difficulty.
SELECT dataset, model, effort, question_key, correct, tokens
FROM sample
WHERE correct IS NOT NULL AND tokens IS NOT NULL
ORDER BY dataset, model, effort, question_key, tokens, trace_id
