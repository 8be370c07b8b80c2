-- The traces to export, in order, with about how many bytes of text each brings.
SELECT r.rowid AS place, {{weight}} AS weight
FROM trace t JOIN trace_row r USING (trace_id)
WHERE {{where}}
ORDER BY t.dataset, t.file_id, t.record_index, t.part_index, t.trace_id
