-- How many findings a selection has, and of how many traces.
SELECT count(*) AS n, count(DISTINCT n) AS n_traces FROM behaviour_chosen
