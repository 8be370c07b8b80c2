-- One row a metric that is a number: how it is spread over the traces with visible reasoning.
-- Sums are taken in order, so that two runs give the same last digit.
SELECT m.name, count(m.value) AS n,
       avg(m.value ORDER BY m.value) AS mean,
       stddev_samp(m.value ORDER BY m.value) AS sd,
       min(m.value) AS minimum,
       quantile_cont(m.value, [0.05, 0.25, 0.5, 0.75, 0.95]) AS quantiles,
       max(m.value) AS maximum
FROM metric m JOIN trace t USING (trace_id)
WHERE ({{where}}) AND t.reasoning_kind = 'visible' AND m.value IS NOT NULL
GROUP BY m.name
ORDER BY m.name
