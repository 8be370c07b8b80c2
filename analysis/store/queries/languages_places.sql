-- Where in their traces the stretches begin, over the temporary table language_span.
SELECT kind, bin, count(*) AS n, count(DISTINCT trace_id) AS n_traces
FROM language_span
GROUP BY ALL
ORDER BY ALL
