-- With a filter of traces, only the warnings of these.
SELECT f.name AS file, w.file_id, w.trace_id, t.external_id, t.dataset, t.line_no, w.code, w.detail
FROM warning w LEFT JOIN file f USING (file_id) LEFT JOIN trace t ON t.trace_id = w.trace_id
WHERE {{where}}
ORDER BY f.name, w.file_id, t.record_index NULLS FIRST, t.part_index, w.trace_id, w.code, w.detail
