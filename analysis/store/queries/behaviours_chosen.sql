-- The findings of a selection, over the temporary tables.
WITH paired AS (
    SELECT question, dataset, model, level
    FROM behaviour_trace
    WHERE analysed AND correct IS NOT NULL AND tokens IS NOT NULL
    GROUP BY ALL
    HAVING bool_or(correct) AND NOT bool_and(correct)
)
SELECT s.n, s.began, s.label, s.finding_index, s.place
FROM behaviour_span s
JOIN behaviour_trace t USING (n)
WHERE ($label IS NULL OR s.label = $label)
      AND ($model IS NULL OR t.model = $model)
      AND ($effort IS NULL OR t.level = $effort)
      AND ($bin IS NULL OR least({{bins}} - 1, CAST(floor({{bins}} * s.place) AS INTEGER)) = $bin)
      AND ($then IS NULL OR (s.n, s.began) IN (
              SELECT n, began FROM behaviour_step WHERE following IS NOT NULL AND (following >> $then) & 1 = 1
          ))
      AND (NOT $paired OR (t.question, t.dataset, t.model, t.level) IN (
              SELECT question, dataset, model, level FROM paired
          ))
