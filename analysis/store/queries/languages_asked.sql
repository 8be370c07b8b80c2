-- Asked language x main language of the reasoning, over the temporary table language_trace.
SELECT target_language AS asked, matrix_language AS thought, count(*) AS n,
       count(correct) AS n_judged, count(*) FILTER (WHERE correct) AS n_correct
FROM language_trace
WHERE target_language IS NOT NULL AND matrix_language IS NOT NULL
GROUP BY ALL
ORDER BY n DESC, asked, thought
