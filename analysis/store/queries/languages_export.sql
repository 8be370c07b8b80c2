-- One row a data set x model x effort x main language x foreign language; the rows without a
-- foreign language hold all traces of their main language, mixing or not.
WITH span AS (
    SELECT trace_id, language, count(*) AS n,
           count(*) FILTER (WHERE kind = 'quote') AS n_quotes,
           count(*) FILTER (WHERE kind = 'intraword') AS n_intraword,
           sum(char_end - char_start) FILTER (WHERE kind <> 'quote') AS slip_chars
    FROM language_span
    GROUP BY trace_id, language
),
by_language AS (
    SELECT t.dataset, t.model, t.effort, t.matrix_language, s.language AS foreign_language,
           count(*) AS n_traces, count(*) FILTER (WHERE s.n > s.n_quotes) AS n_with_slip,
           count(*) FILTER (WHERE s.n_quotes > 0) AS n_with_quote,
           sum(s.n - s.n_quotes) AS n_slips, sum(s.n_intraword) AS n_intraword,
           sum(s.n_quotes) AS n_quotes, coalesce(sum(s.slip_chars), 0) AS slip_chars,
           count(t.correct) AS n_judged, count(*) FILTER (WHERE t.correct) AS n_correct
    FROM span s JOIN language_trace t USING (trace_id)
    WHERE s.language IS NOT NULL
    GROUP BY ALL
),
per_trace AS (
    SELECT trace_id, sum(n_intraword) AS n_intraword, sum(slip_chars) AS slip_chars
    FROM span
    GROUP BY trace_id
),
totals AS (
    SELECT t.dataset, t.model, t.effort, t.matrix_language, NULL AS foreign_language,
           count(*) AS n_traces, count(*) FILTER (WHERE t.n_language_slips > 0) AS n_with_slip,
           count(*) FILTER (WHERE t.n_language_quotes > 0) AS n_with_quote,
           sum(t.n_language_slips) AS n_slips, coalesce(sum(p.n_intraword), 0) AS n_intraword,
           sum(t.n_language_quotes) AS n_quotes, coalesce(sum(p.slip_chars), 0) AS slip_chars,
           count(t.correct) AS n_judged, count(*) FILTER (WHERE t.correct) AS n_correct
    FROM language_trace t LEFT JOIN per_trace p USING (trace_id)
    WHERE t.n_language_slips IS NOT NULL
    GROUP BY ALL
)
SELECT dataset, model, effort, matrix_language, foreign_language, n_traces, n_with_slip,
       n_with_quote, CAST(n_slips AS BIGINT) AS n_slips, CAST(n_intraword AS BIGINT) AS n_intraword,
       CAST(n_quotes AS BIGINT) AS n_quotes, CAST(slip_chars AS BIGINT) AS slip_chars, n_judged,
       n_correct
FROM (SELECT * FROM totals UNION ALL SELECT * FROM by_language)
ORDER BY dataset, model NULLS LAST, {{effort_order}}, matrix_language NULLS LAST,
         foreign_language NULLS FIRST
