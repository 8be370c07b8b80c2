-- Questions of each group by how many of their traces have a slip: what an interval needs.
WITH question AS (
    SELECT {{group}} AS name, question_key, count(*) AS n,
           count(*) FILTER (WHERE n_language_slips > 0) AS k
    FROM language_trace
    WHERE n_language_slips IS NOT NULL
    GROUP BY ALL
)
SELECT name, n, k, count(*) AS questions
FROM question
GROUP BY ALL
ORDER BY ALL
