-- The reasoning of a few traces.
SELECT trace_id, reasoning FROM trace WHERE list_contains($ids, trace_id)
