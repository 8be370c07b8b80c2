-- As many stretches as may be read, of whole traces; ids are hashes, so this is a fair sample.
SELECT trace_id, language, char_start, char_end
FROM language_span
ORDER BY trace_id, char_start
LIMIT $limit
