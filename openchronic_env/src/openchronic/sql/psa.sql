-- One row per BEN_NIR_PSA: the PMSI knows no rank, so a number shared by twins names nobody there.
-- Outside RG and MSA twins may share the rank too: then the records of one pair hold two lifelong
-- numbers. Source: Documentation-SNDS, fiche_beneficiaire.
WITH psa AS (
    SELECT
        pair.BEN_NIR_PSA,
        count(DISTINCT pair.natural_id) > 1 OR max(pair.n_own_numbers) > 1 AS is_shared,
        bool_and(pair.is_fictive) AS is_fictive,
        min(subject.subject_id) AS first_subject
    FROM pair
    LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_fictive
    GROUP BY pair.BEN_NIR_PSA
)
SELECT
    BEN_NIR_PSA,
    is_shared,
    is_fictive,
    CASE WHEN NOT is_shared THEN first_subject END AS subject_id
FROM psa
