-- One row per number and rank, with its person; a number without rank is one too, where a single
-- person has that number (`by_number`).
SELECT BEN_NIR_PSA, BEN_RNG_GEM, natural_id, nir_kind, is_fictive, is_left_out FROM pair
UNION ALL
SELECT * FROM by_number
