SELECT f.name AS file, q.member, q.line_no, q.reason_code, q.reason, q.byte_start, q.byte_length,
       q.raw, q.raw_sha256
FROM quarantine q JOIN file f USING (file_id)
ORDER BY f.name, q.member, q.record_index
LIMIT $limit OFFSET $offset
