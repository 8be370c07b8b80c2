-- What changes when the numbers of behaviours can change; from counts and row numbers, no text.
SELECT (SELECT count(*) FROM finding) AS findings, (SELECT max(rowid) FROM finding) AS last_finding,
       (SELECT count(*) FROM analysis) AS analyses, (SELECT max(rowid) FROM analysis) AS last_analysis,
       (SELECT bit_xor(hash(trace_id, correct)) FROM trace_row) AS traces
