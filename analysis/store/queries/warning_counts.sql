SELECT code, count(*) AS times, count(DISTINCT trace_id) AS traces, min(detail) AS example
FROM warning
GROUP BY code
ORDER BY times DESC, code
