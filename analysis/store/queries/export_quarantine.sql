SELECT f.name AS file, q.file_id, q.member, q.line_no, q.record_index, q.byte_start, q.byte_length,
       q.reason_code, q.reason, q.raw, q.raw_sha256
FROM quarantine q LEFT JOIN file f USING (file_id)
ORDER BY f.name, q.file_id, q.member NULLS FIRST, q.record_index, q.byte_start
