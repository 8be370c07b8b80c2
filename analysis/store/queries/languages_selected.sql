-- How many stretches a selection has, over the temporary table language_span.
SELECT count(*) AS n, count(DISTINCT trace_id) AS n_traces FROM language_span
