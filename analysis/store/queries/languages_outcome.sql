-- Right and wrong with and without a slip: in all, and where one question of one model at one
-- effort has both kinds of traces.
WITH judged AS (
    SELECT {{group}} AS name, question_key, dataset, model, effort, n_language_slips > 0 AS slipped,
           correct
    FROM language_trace
    WHERE n_language_slips IS NOT NULL AND correct IS NOT NULL
),
stratum AS (
    SELECT name, question_key, count(*) FILTER (WHERE slipped) AS n_with,
           count(*) FILTER (WHERE slipped AND correct) AS right_with,
           count(*) FILTER (WHERE NOT slipped) AS n_without,
           count(*) FILTER (WHERE NOT slipped AND correct) AS right_without
    FROM judged
    GROUP BY name, question_key, dataset, model, effort
),
question AS (
    SELECT name, question_key, sum(n_with) AS n_with, sum(right_with) AS right_with,
           sum(n_without) AS n_without, sum(right_without) AS right_without,
           count(*) FILTER (WHERE n_with > 0 AND n_without > 0) AS strata,
           coalesce(sum(right_with / n_with - right_without / n_without)
                    FILTER (WHERE n_with > 0 AND n_without > 0), 0) AS difference
    FROM stratum
    GROUP BY name, question_key
)
SELECT name, CAST(sum(n_with) AS BIGINT) AS n_with, CAST(sum(right_with) AS BIGINT) AS right_with,
       CAST(sum(n_without) AS BIGINT) AS n_without,
       CAST(sum(right_without) AS BIGINT) AS right_without,
       list(difference ORDER BY question_key) FILTER (WHERE strata > 0) AS differences,
       list(strata ORDER BY question_key) FILTER (WHERE strata > 0) AS strata
FROM question
GROUP BY name
ORDER BY name NULLS LAST
