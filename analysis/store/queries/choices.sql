SELECT 'dataset' AS field, dataset AS value, count(*) AS n FROM trace GROUP BY dataset
UNION ALL
SELECT 'model', coalesce(model, '(not stated)'), count(*) FROM trace GROUP BY model
UNION ALL
SELECT 'effort', coalesce(effort, '(not stated)'), count(*) FROM trace GROUP BY effort
UNION ALL
SELECT 'label', label, count(DISTINCT trace_id) FROM finding GROUP BY label
ORDER BY field, n DESC, value
