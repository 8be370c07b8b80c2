-- How often which set of behaviours follows which: few rows, each a pair of bit sets.
SELECT mask, following, count(*) AS n
FROM behaviour_step
WHERE following IS NOT NULL
GROUP BY mask, following
ORDER BY mask, following
