-- Whose a row of a number and rank is; one that says no rank is somebody's where one person alone has the
-- number (`by_number`).
SELECT BEN_NIR_PSA, BEN_RNG_GEM, natural_id, nir_kind, is_fictive, is_left_out FROM pair
UNION ALL
SELECT * FROM by_number
