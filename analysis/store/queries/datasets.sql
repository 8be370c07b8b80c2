SELECT t.dataset,
       count(*) AS traces,
       count(DISTINCT t.question_key) AS questions,
       list_sort(list(DISTINCT t.model) FILTER (WHERE t.model IS NOT NULL)) AS models,
       list_sort(list(DISTINCT t.effort) FILTER (WHERE t.effort IS NOT NULL)) AS efforts,
       count(*) FILTER (WHERE t.correct) AS correct,
       count(*) FILTER (WHERE t.correct IS NOT NULL) AS judged,
       CAST(median(t.reasoning_chars) AS BIGINT) AS median_chars,
       count(*) FILTER (WHERE t.truncated) AS truncated,
       list_sort(list(DISTINCT t.format_id)) AS formats
FROM trace t
GROUP BY t.dataset
ORDER BY t.dataset
