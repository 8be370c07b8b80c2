-- One row a data set x model x effort, over the temporary table language_trace.
SELECT dataset, model, effort, count(*) AS n_traces, count(n_language_slips) AS n_analysed,
       count(*) FILTER (WHERE n_language_slips > 0) AS n_with_slip,
       count(*) FILTER (WHERE n_language_quotes > 0) AS n_with_quote,
       CAST(sum(n_language_slips) AS BIGINT) AS n_slips,
       CAST(sum(n_language_quotes) AS BIGINT) AS n_quotes,
       avg(language_slip_rate) AS mean_language_slip_rate,
       avg(foreign_share) AS mean_foreign_share,
       avg(language_consistency) AS mean_language_consistency,
       count(*) FILTER (WHERE thinks_in_other_language) AS n_other,
       count(thinks_in_other_language) AS n_both_known
FROM language_trace
GROUP BY dataset, model, effort
ORDER BY dataset, model NULLS LAST, {{effort_order}}
