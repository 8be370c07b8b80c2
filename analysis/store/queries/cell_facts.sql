-- One row a cell: what is no sum over its questions.
SELECT dataset, model, effort,
       median(tokens) AS median_tokens, quantile_cont(tokens, 0.95) AS p95_tokens,
       string_agg(DISTINCT tokens_from, ' + ' ORDER BY tokens_from) AS token_source,
       count(*) FILTER (WHERE truncated) AS n_truncated,
       count(*) FILTER (WHERE failed) AS n_failed,
       count(completion_tokens) AS n_completion,
       CAST(sum(completion_tokens) AS DOUBLE) AS completion_tokens,
       count(*) - count(DISTINCT hash(question_key, sample_index, reasoning_chars, answer_chars, extracted_answer, completion_tokens)) AS n_repeats,
       count(DISTINCT budget) AS n_budgets, max(budget) AS budget, max(position) AS position,
       bool_or(model_edited) AS model_edited, bool_or(effort_edited) AS effort_edited,
       list(DISTINCT struct_pack(model := stated_model, effort := stated_effort)
            ORDER BY struct_pack(model := stated_model, effort := stated_effort)) AS stated
FROM sample
GROUP BY dataset, model, effort
ORDER BY dataset, model, effort
