SELECT f.file_id, f.name, f.bytes, f.status, f.n_records AS records, f.n_traces AS traces,
       f.n_quarantined AS quarantined, f.n_blank AS blank,
       (SELECT count(*) FROM warning w WHERE w.file_id = f.file_id) AS warnings, f.imported_at
FROM file f
ORDER BY f.imported_at, f.name
