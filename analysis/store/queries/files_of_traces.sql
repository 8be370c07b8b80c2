-- The files that the chosen traces are from, and how many of these each gave.
SELECT f.name, f.file_id AS sha256, f.bytes, f.n_records, f.n_quarantined, count(*) AS n_traces
FROM trace t JOIN file f USING (file_id)
WHERE {{where}}
GROUP BY ALL
ORDER BY f.name, f.file_id
