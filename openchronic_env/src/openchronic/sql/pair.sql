-- One row per pair (BEN_NIR_PSA, BEN_RNG_GEM): the person behind it and whether the number is real.
-- A pair with several records keeps the last one. Source: Documentation-SNDS, fiche_beneficiaire.
WITH record AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY BEN_NIR_PSA, BEN_RNG_GEM
            ORDER BY
                MAX_TRT_DTD DESC NULLS LAST, BEN_DTE_MAJ DESC NULLS LAST,
                BEN_IDT_ANO NULLS LAST, BEN_CDI_NIR NULLS LAST
        ) AS recency
    FROM ir_ben_r
)
SELECT
    BEN_NIR_PSA,
    BEN_RNG_GEM,
    coalesce(
        BEN_IDT_ANO,
        CASE WHEN BEN_IDT_TOP = 1 THEN BEN_NIR_ANO END,
        BEN_NIR_PSA || CAST(BEN_RNG_GEM AS VARCHAR)
    ) AS natural_id,
    coalesce(BEN_CDI_NIR IN (SELECT code FROM fictive_nir), FALSE) AS is_fictive
FROM record
WHERE recency = 1
