-- One row per BEN_NIR_PSA. The PMSI has no birth rank, so that a number shared by twins does not
-- identify one of them. Outside RG and MSA twins may share the rank too: then the records of one
-- pair hold two lifelong numbers. Source: Documentation-SNDS, fiche_beneficiaire.
WITH psa AS (
    SELECT
        pair.BEN_NIR_PSA,
        count(DISTINCT pair.natural_id) > 1 OR max(pair.n_own_numbers) > 1 AS is_shared,
        bool_and(pair.is_fictive) AS is_fictive,
        min(subject.subject_id) AS first_subject,
        count(DISTINCT pair.BEN_RNG_GEM) > count(DISTINCT pair.natural_id)
            AND max(pair.n_own_numbers) > 0 AS has_ranks_of_one
    FROM pair
    LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_left_out
    GROUP BY pair.BEN_NIR_PSA
)
SELECT
    BEN_NIR_PSA,
    is_shared,
    is_fictive,
    -- Several ranks under one lifelong number are one person by the number, twins or triplets by
    -- the rank.
    coalesce(has_ranks_of_one, FALSE) AS has_ranks_of_one,
    CASE WHEN NOT is_shared THEN first_subject END AS subject_id
FROM psa
