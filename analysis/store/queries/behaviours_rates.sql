-- Findings and tokens of each group, in lists over questions (or groups of questions, where many).
WITH grouped AS (
    SELECT n, question, tokens, {{group}} AS g FROM behaviour_trace WHERE analysed AND tokens IS NOT NULL
),
sizes AS (SELECT g, count(DISTINCT question) AS n_questions FROM grouped GROUP BY g),
units AS (
    SELECT r.n, r.g, r.tokens, s.n_questions,
           CASE WHEN s.n_questions > $many THEN r.question % $units ELSE r.question END AS unit
    FROM grouped r JOIN sizes s USING (g)
),
totals AS (
    SELECT g, unit, any_value(n_questions) AS n_questions, count(*) AS n_traces, sum(tokens) AS tokens
    FROM units
    GROUP BY g, unit
),
found AS (
    SELECT u.g, u.unit, c.label, sum(c.found) AS found, count(*) AS n_with
    FROM behaviour_count c JOIN units u USING (n)
    GROUP BY u.g, u.unit, c.label
),
by_label AS (
    SELECT t.g, l.label, any_value(t.n_questions) AS n_questions, sum(t.n_traces) AS n_traces,
           list(t.tokens ORDER BY t.unit) AS tokens,
           list(coalesce(f.found, 0) ORDER BY t.unit) AS found, sum(coalesce(f.n_with, 0)) AS n_with
    FROM totals t
    CROSS JOIN (SELECT DISTINCT label FROM behaviour_count) l
    LEFT JOIN found f ON f.g = t.g AND f.unit = t.unit AND f.label = l.label
    GROUP BY t.g, l.label
)
SELECT * FROM (
    SELECT g.dataset AS dataset, g.model AS model, g.effort AS effort, CAST(label AS INTEGER) AS label,
           n_questions, CAST(n_traces AS BIGINT) AS n_traces, CAST(n_with AS BIGINT) AS n_with,
           CAST(found AS DOUBLE[]) AS found, CAST(tokens AS DOUBLE[]) AS tokens
    FROM by_label
)
ORDER BY dataset NULLS LAST, model NULLS LAST, {{order}}, label
