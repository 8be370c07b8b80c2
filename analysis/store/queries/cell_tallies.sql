-- One row a cell and question: counts and sums.
SELECT dataset, model, effort, question_key,
       count(*) AS n, count(correct) AS judged, count(*) FILTER (WHERE correct) AS correct,
       count(tokens) AS n_tokens, coalesce(sum(tokens), 0) AS tokens,
       count(tokens) FILTER (WHERE correct IS NOT NULL) AS n_judged_tokens,
       coalesce(sum(tokens) FILTER (WHERE correct IS NOT NULL), 0) AS judged_tokens,
       count(*) FILTER (WHERE correct AND tokens IS NOT NULL) AS n_right_tokens,
       count(cost) FILTER (WHERE correct IS NOT NULL) AS n_cost,
       coalesce(sum(cost) FILTER (WHERE correct IS NOT NULL), 0) AS cost,
       count(*) FILTER (WHERE correct AND cost IS NOT NULL) AS n_right_cost,
       min(question_preview) AS preview, min(question_id) AS question_id
FROM sample
GROUP BY dataset, model, effort, question_key
ORDER BY dataset, model, effort, question_key
