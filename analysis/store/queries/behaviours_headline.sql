-- Counts over the temporary tables.
SELECT count(*) AS n_traces, count(*) FILTER (WHERE analysed) AS n_analysed,
       count(*) FILTER (WHERE analysed AND tokens IS NOT NULL) AS n_counted,
       count(DISTINCT question) FILTER (WHERE analysed) AS n_questions,
       (SELECT count(*) FROM behaviour_span) AS n_findings
FROM behaviour_trace
