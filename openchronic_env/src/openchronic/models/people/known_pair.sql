-- One row per number and rank, with its person.
SELECT BEN_NIR_PSA, BEN_RNG_GEM, natural_id, nir_kind, is_fictive, is_left_out FROM pair
