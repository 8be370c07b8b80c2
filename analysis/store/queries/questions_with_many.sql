-- Questions that have at least two traces to compare, most first.
SELECT t.question_key, any_value(t.question_preview ORDER BY t.trace_id) AS question,
       count(*) AS traces, count(DISTINCT t.effort) AS efforts, count(DISTINCT t.model) AS models,
       count(*) FILTER (WHERE t.correct) AS correct,
       count(*) FILTER (WHERE t.correct IS NOT NULL) AS judged,
       min(t.dataset) AS dataset
FROM trace t
WHERE t.question_key IS NOT NULL AND ({{where}})
GROUP BY t.question_key
HAVING count(*) >= 2
ORDER BY efforts DESC, traces DESC, dataset, question, t.question_key
LIMIT $limit
