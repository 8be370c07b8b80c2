-- The warnings of these traces, in a fixed order.
SELECT w.trace_id, w.code, w.detail
FROM warning w
JOIN (SELECT unnest($ids) AS trace_id) chosen USING (trace_id)
ORDER BY w.trace_id, w.code, w.detail
