-- The traces at these places, in the order of the places.
SELECT {{columns}}
FROM trace t
JOIN (SELECT unnest($places) AS place, generate_subscripts($places, 1) AS position) p
  ON t.rowid = p.place
ORDER BY p.position
