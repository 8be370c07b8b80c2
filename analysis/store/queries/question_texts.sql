-- Distinct questions under the filter, by what they count as, with one text of each.
SELECT coalesce(q.into_key, t.question_key) AS question_key, min(t.trace_id) AS trace_id,
       min(t.question_id) AS question_id, min(t.question_preview) AS preview,
       count(*) AS n_traces, string_agg(DISTINCT t.dataset, ', ' ORDER BY t.dataset) AS datasets
FROM trace t LEFT JOIN question_merge q ON q.question_key = t.question_key
WHERE t.question_key IS NOT NULL AND {{where}}
GROUP BY 1
ORDER BY 1
