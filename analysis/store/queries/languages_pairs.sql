-- From which main language into which other one, over the temporary table language_span.
SELECT matrix, language, count(*) FILTER (WHERE kind <> 'quote') AS n,
       count(DISTINCT trace_id) FILTER (WHERE kind <> 'quote') AS n_traces,
       count(*) FILTER (WHERE kind = 'quote') AS n_quotes
FROM language_span
WHERE matrix IS NOT NULL AND language IS NOT NULL
GROUP BY ALL
ORDER BY n DESC, n_quotes DESC, matrix, language
