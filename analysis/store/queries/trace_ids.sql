-- The place of one trace in a filtered, sorted list, with its neighbours.
WITH m AS (
    {{sort_metrics}}
),
listed AS (
    SELECT t.trace_id,
           row_number() OVER (ORDER BY {{order}}) AS position,
           count(*) OVER () AS total,
           lag(t.trace_id) OVER (ORDER BY {{order}}) AS previous,
           lead(t.trace_id) OVER (ORDER BY {{order}}) AS next
    FROM trace t LEFT JOIN m USING (trace_id)
    WHERE {{where}}
)
SELECT position, total, previous, next FROM listed WHERE trace_id = $trace_id
