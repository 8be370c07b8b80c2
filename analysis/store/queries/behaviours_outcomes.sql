-- Rates in wrong minus rates in right traces, where one model at one effort answered a question both
-- ways; in lists over questions (or groups of questions, where many).
WITH judged AS (
    SELECT n, question, dataset, model AS of_model, level, correct, tokens, {{group}} AS g
    FROM behaviour_trace
    WHERE analysed AND tokens IS NOT NULL AND correct IS NOT NULL
),
stratum AS (
    SELECT g, question, dataset, of_model, level,
           sum(tokens) FILTER (WHERE correct) AS tokens_right,
           sum(tokens) FILTER (WHERE NOT correct) AS tokens_wrong,
           count(*) FILTER (WHERE correct) AS n_right, count(*) FILTER (WHERE NOT correct) AS n_wrong
    FROM judged
    GROUP BY g, question, dataset, of_model, level
    HAVING n_right > 0 AND n_wrong > 0
),
sizes AS (SELECT g, count(DISTINCT question) AS n_questions FROM stratum GROUP BY g),
found AS (
    SELECT j.g, j.question, j.dataset, j.of_model, j.level, c.label,
           sum(c.found) FILTER (WHERE j.correct) AS found_right,
           sum(c.found) FILTER (WHERE NOT j.correct) AS found_wrong
    FROM behaviour_count c JOIN judged j USING (n)
    GROUP BY ALL
),
rates AS (
    SELECT s.g, z.n_questions, l.label, s.n_right, s.n_wrong,
           CASE WHEN z.n_questions > $many THEN s.question % $units ELSE s.question END AS unit,
           1000 * coalesce(f.found_right, 0) / s.tokens_right AS rate_right,
           1000 * coalesce(f.found_wrong, 0) / s.tokens_wrong AS rate_wrong
    FROM stratum s
    JOIN sizes z USING (g)
    CROSS JOIN (SELECT DISTINCT label FROM behaviour_count) l
    LEFT JOIN found f ON f.g = s.g AND f.question = s.question AND f.dataset = s.dataset
         AND f.of_model = s.of_model AND f.level = s.level AND f.label = l.label
),
units AS (
    SELECT g, label, unit, any_value(n_questions) AS n_questions, count(*) AS strata,
           sum(n_right) AS n_right, sum(n_wrong) AS n_wrong, sum(rate_right) AS rate_right,
           sum(rate_wrong) AS rate_wrong
    FROM rates
    GROUP BY g, label, unit
),
by_label AS (
    SELECT g, label, any_value(n_questions) AS n_questions, CAST(sum(n_right) AS BIGINT) AS n_right,
           CAST(sum(n_wrong) AS BIGINT) AS n_wrong, sum(rate_right) / sum(strata) AS rate_right,
           sum(rate_wrong) / sum(strata) AS rate_wrong,
           list(rate_wrong - rate_right ORDER BY unit) AS differences,
           list(CAST(strata AS DOUBLE) ORDER BY unit) AS strata
    FROM units
    GROUP BY g, label
)
SELECT * FROM (
    SELECT g.dataset AS dataset, g.model AS model, g.effort AS effort, CAST(label AS INTEGER) AS label,
           * EXCLUDE (g, label)
    FROM by_label
)
ORDER BY dataset NULLS LAST, model NULLS LAST, {{order}}, label
