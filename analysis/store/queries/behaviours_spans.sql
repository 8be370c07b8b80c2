-- Findings that are behaviours, as numbers: trace, label (from 0), place. Each label from its owner.
SELECT t.n, CAST(o.label_index AS UTINYINT) AS label, f.char_start AS began, f.finding_index,
       CAST(f.char_start / t.chars AS FLOAT) AS place
FROM finding f
JOIN (
    SELECT unnest($labels) AS label, unnest($owners) AS analyzer,
           generate_subscripts($labels, 1) - 1 AS label_index
) o USING (label, analyzer)
JOIN behaviour_trace t ON t.trace_id = f.trace_id AND t.analysed
WHERE $only IS NULL OR o.label_index = $only
