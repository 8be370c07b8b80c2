-- The places of a trace at which behaviours begin, in order: a bit for each label, and those of the next.
WITH place AS (
    SELECT n, began, bit_or(CAST(1 AS UBIGINT) << label) AS mask
    FROM behaviour_span
    WHERE label <> $whole
    GROUP BY n, began
)
SELECT n, began, mask, lead(mask) OVER (PARTITION BY n ORDER BY began) AS following FROM place
