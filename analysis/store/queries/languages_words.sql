-- The commonest words (numbers left out) beside the stretches, over the temporary table language_span.
SELECT {{side}} AS word, count(*) AS n, count(DISTINCT trace_id) AS n_traces,
       list_sort(list_distinct(list(language))) AS languages
FROM language_span
WHERE regexp_matches({{side}}, '\p{L}')
GROUP BY {{side}}
ORDER BY n DESC, word
LIMIT $limit
