-- How many findings of each label each trace has; labels that it lacks have no row.
SELECT n, label, count(*) AS found FROM behaviour_span GROUP BY n, label
