-- Sums of metrics over the traces of each cell whose reasoning is the model's own text. Whole numbers
-- of 2^-40 add up to the same in any order, which floating point numbers do not.
-- Not over `sample` (cell_samples.sql): the tokens there cost a third of this query.
WITH said AS (
    SELECT t.trace_id, t.dataset, t.model AS stated_model, {{effort}} AS stated_effort
    FROM trace t
    WHERE ({{where}}) AND t.reasoning_kind = 'visible'
),
named AS (
    SELECT s.trace_id, s.dataset, coalesce(c.model, s.stated_model) AS model,
           coalesce(c.effort, s.stated_effort) AS effort
    FROM said s
    LEFT JOIN cell_name c ON c.dataset = s.dataset
         AND c.stated_model IS NOT DISTINCT FROM s.stated_model
         AND c.stated_effort IS NOT DISTINCT FROM s.stated_effort
)
SELECT dataset, model, effort, name, count(*) AS n,
       sum(CAST(round(value * 1099511627776) AS HUGEINT)) AS total
FROM named JOIN metric USING (trace_id)
WHERE isfinite(value) AND abs(value) < 1e18 AND name IN (SELECT unnest($names))
GROUP BY dataset, model, effort, name
ORDER BY dataset, model, effort, name
