-- How many of these analyzers are done with each of these traces.
SELECT trace_id, count(DISTINCT analyzer) AS n
FROM analysis
WHERE trace_id IN (SELECT unnest($ids)) AND list_contains($analyzers, analyzer) AND status = 'ok'
GROUP BY trace_id
