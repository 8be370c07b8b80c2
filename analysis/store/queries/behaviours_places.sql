-- Where in their traces findings begin.
SELECT CAST(label AS INTEGER) AS label,
       least({{bins}} - 1, CAST(floor({{bins}} * place) AS INTEGER)) AS bin, count(*) AS n
FROM behaviour_span
GROUP BY 1, 2
ORDER BY 1, 2
