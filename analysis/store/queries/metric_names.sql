-- Metrics that have values, with whether these are text.
SELECT name, bool_or(text IS NOT NULL) AS is_text
FROM metric
GROUP BY name
ORDER BY name
