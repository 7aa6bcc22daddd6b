-- One row per number without rank (-1) that a single person has, with that person.
SELECT
    BEN_NIR_PSA,
    CAST(-1 AS BIGINT) AS BEN_RNG_GEM,
    CASE WHEN count(DISTINCT natural_id) = 1 AND max(n_own_numbers) < 2 THEN min(natural_id) END
        AS natural_id,
    CASE WHEN count(DISTINCT natural_id) = 1 THEN min(nir_kind) END AS nir_kind,
    bool_and(is_fictive) AS is_fictive,
    bool_and(is_left_out) AS is_left_out
FROM pair
GROUP BY BEN_NIR_PSA
