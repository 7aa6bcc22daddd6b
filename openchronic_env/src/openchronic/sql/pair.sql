-- One row per pair (BEN_NIR_PSA, BEN_RNG_GEM): the person behind it and whether the number is real.
-- The last record says who it is, but a lifelong number once known is not unlearnt: it comes first.
-- Source: Documentation-SNDS, fiche_beneficiaire (BEN_IDT_ANO is BEN_NIR_ANO where that exists,
-- else the pair itself).
WITH record AS (
    SELECT
        BEN_NIR_PSA,
        BEN_RNG_GEM,
        MAX_TRT_DTD,
        BEN_DTE_MAJ,
        lpad(BEN_CDI_NIR, 2, '0') AS nir_kind,
        coalesce(BEN_IDT_TOP = 1, BEN_IDT_ANO = BEN_NIR_ANO, FALSE) AS has_own_number,
        coalesce(
            usable_number(BEN_IDT_ANO),
            CASE WHEN coalesce(BEN_IDT_TOP, 1) = 1 THEN usable_number(BEN_NIR_ANO) END,
            usable_number(BEN_NIR_PSA) || CAST(BEN_RNG_GEM AS STRING)
        ) AS identity
    FROM ir_ben_r
),
placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY BEN_NIR_PSA, BEN_RNG_GEM
            ORDER BY
                MAX_TRT_DTD DESC NULLS LAST, BEN_DTE_MAJ DESC NULLS LAST,
                has_own_number DESC, identity NULLS LAST, nir_kind NULLS LAST
        ) AS recency
    FROM record
),
pair AS (
    SELECT
        BEN_NIR_PSA,
        BEN_RNG_GEM,
        min_by(identity, recency) FILTER (WHERE identity IS NOT NULL) AS last_identity,
        min_by(identity, recency) FILTER (WHERE identity IS NOT NULL AND has_own_number)
            AS own_identity,
        min_by(nir_kind, recency) FILTER (WHERE nir_kind IS NOT NULL) AS nir_kind,
        count(DISTINCT identity) AS n_identities,
        count(DISTINCT identity) FILTER (WHERE has_own_number) AS n_own_numbers
    FROM placed
    GROUP BY BEN_NIR_PSA, BEN_RNG_GEM
)
SELECT
    BEN_NIR_PSA,
    BEN_RNG_GEM,
    coalesce(own_identity, last_identity) AS natural_id,
    nir_kind,
    coalesce(nir_kind IN (SELECT code FROM fictive_nir), FALSE) AS is_fictive,
    coalesce(nir_kind IN (SELECT code FROM provisional_nir), FALSE) AS is_provisional,
    n_identities,
    n_own_numbers
FROM pair
