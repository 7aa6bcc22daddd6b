-- One row per record of the referential that belongs to a person, with the values of its pair and
-- its number.
SELECT
    subject.subject_id,
    ben.*,
    psa.is_shared,
    pair.is_provisional,
    pair.n_own_numbers > 0 AS has_own_number
FROM ir_ben_r AS ben
INNER JOIN pair
    ON pair.BEN_NIR_PSA = ben.BEN_NIR_PSA
    AND coalesce(pair.BEN_RNG_GEM, -1) = coalesce(ben.BEN_RNG_GEM, -1)
INNER JOIN subject ON subject.natural_id = pair.natural_id
INNER JOIN psa ON psa.BEN_NIR_PSA = ben.BEN_NIR_PSA
WHERE NOT pair.is_left_out
