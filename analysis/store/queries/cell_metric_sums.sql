-- Sums of metrics over the traces of each cell whose reasoning is the model's own text. Whole numbers
-- of 2^-40 add up to the same in any order, which floating point numbers do not.
SELECT dataset, model, effort, name, count(*) AS n,
       sum(CAST(round(value * 1099511627776) AS HUGEINT)) AS total
FROM sample JOIN metric USING (trace_id)
WHERE visible AND isfinite(value) AND abs(value) < 1e18 AND name IN (SELECT unnest($names))
GROUP BY dataset, model, effort, name
ORDER BY dataset, model, effort, name
