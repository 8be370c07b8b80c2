-- The traces at these places, in the order of the places. Texts are unpacked after the join.
SELECT {{columns}}
FROM trace_row t
JOIN (SELECT unnest($places) AS place, generate_subscripts($places, 1) AS position) p
  ON t.rowid = p.place
ORDER BY p.position
