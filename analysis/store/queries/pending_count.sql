WITH wanted AS (
    SELECT unnest($names) AS analyzer, unnest($versions) AS version, unnest($hashes) AS config_hash
),
have AS (
    SELECT a.trace_id, count(*) AS n
    FROM analysis a
    JOIN wanted w
      ON w.analyzer = a.analyzer AND w.version = a.analyzer_version AND w.config_hash = a.config_hash
    GROUP BY a.trace_id
)
SELECT count(*) FROM trace t LEFT JOIN have h USING (trace_id) WHERE coalesce(h.n, 0) < len($names)
