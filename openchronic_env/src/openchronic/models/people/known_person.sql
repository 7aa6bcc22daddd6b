-- One row per identifier of the referential and of the table of passage: one of its pairs, since
-- all name the same person.
SELECT
    BEN_IDT_ANO,
    min(BEN_NIR_PSA) AS BEN_NIR_PSA,
    min_by(BEN_RNG_GEM, (BEN_NIR_PSA, BEN_RNG_GEM)) AS BEN_RNG_GEM
FROM identity_record
WHERE BEN_IDT_ANO IS NOT NULL
GROUP BY BEN_IDT_ANO
