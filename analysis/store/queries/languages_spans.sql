-- The foreign stretches of traces with visible reasoning; what they say stands in the trace only.
WITH found AS (
    SELECT f.trace_id, f.finding_index, f.value AS language,
           coalesce(f.evidence->>'kind', 'slip') AS kind, f.evidence->>'matrix' AS matrix,
           lower(f.evidence->>'before') AS before, lower(f.evidence->>'after') AS after,
           f.char_start, f.char_end, f.char_start / t.reasoning_chars AS place,
           t.dataset, t.model, {{effort}} AS effort, t.correct,
           t.file_id, t.record_index, t.part_index
    FROM finding f JOIN trace t USING (trace_id)
    WHERE f.label = 'language_mixing' AND t.reasoning_kind = 'visible' AND t.reasoning_chars > 0
          AND ({{where}})
)
SELECT *, least({{bins}} - 1, CAST(floor({{bins}} * place) AS INTEGER)) AS bin
FROM found
WHERE ($language IS NULL OR language = $language)
      AND ($matrix IS NULL OR matrix = $matrix)
      AND (len($kinds) = 0 OR list_contains($kinds, kind))
      AND ($bin IS NULL OR bin = $bin)
      AND ($word IS NULL OR before = $word OR after = $word)
