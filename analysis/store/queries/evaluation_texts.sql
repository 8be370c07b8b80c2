-- Texts of these lengths, to be compared with labelled ones; no other text is unpacked.
SELECT trace_id, external_id, reasoning
FROM trace
WHERE reasoning_chars IN (SELECT unnest($lengths))
ORDER BY trace_id
