-- The numbers on top of the page, over the temporary table language_trace.
SELECT count(*) AS n_traces,
       count(n_language_slips) AS n_analysed,
       count(*) FILTER (WHERE n_language_slips > 0) AS n_with_slip,
       count(*) FILTER (WHERE n_language_quotes > 0) AS n_with_quote,
       coalesce(CAST(sum(n_language_slips) AS BIGINT), 0) AS n_slips,
       coalesce(CAST(sum(n_language_quotes) AS BIGINT), 0) AS n_quotes,
       count(*) FILTER (WHERE thinks_in_other_language) AS n_other,
       count(thinks_in_other_language) AS n_both_known
FROM language_trace
