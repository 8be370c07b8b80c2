-- How many traces with a gold answer the verifier has not judged at its present version.
SELECT count(*)
FROM trace_row r
LEFT JOIN verdict v ON v.trace_id = r.trace_id AND v.source = 'verifier'
WHERE trim(coalesce(r.gold_answer, '')) <> ''
  AND (v.trace_id IS NULL OR v.verifier <> $verifier OR v.verifier_version <> $version)
