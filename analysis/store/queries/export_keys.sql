-- The traces to export, in order, with how many bytes of text each brings.
SELECT t.rowid AS place, {{weight}} AS weight
FROM trace t
WHERE {{where}}
ORDER BY t.dataset, t.file_id, t.record_index, t.part_index, t.trace_id
