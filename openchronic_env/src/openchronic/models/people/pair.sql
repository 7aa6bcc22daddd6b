-- One row per pair (BEN_NIR_PSA, BEN_RNG_GEM): its person, and whether the number is real. The last
-- record gives the person, except that a lifelong number, once known, comes first.
-- Source: Documentation-SNDS, fiche_beneficiaire (BEN_IDT_ANO is BEN_NIR_ANO where that exists,
-- else the pair itself).
WITH record AS (
    SELECT
        BEN_NIR_PSA,
        BEN_RNG_GEM,
        MAX_TRT_DTD,
        BEN_DTE_MAJ,
        lpad(BEN_CDI_NIR, 2, '0') AS nir_kind,
        coalesce(
            BEN_IDT_TOP = 1, BEN_IDT_ANO = BEN_NIR_ANO,
            BEN_IDT_ANO IS NULL AND usable_number(BEN_NIR_ANO) IS NOT NULL, FALSE
        ) AS has_own_number,
        coalesce(
            usable_number(BEN_IDT_ANO),
            CASE WHEN coalesce(BEN_IDT_TOP, 1) = 1 THEN usable_number(BEN_NIR_ANO) END
        ) AS written_identity,
        -- The identity of a pair without a delivered rank is its number.
        usable_number(BEN_NIR_PSA) || coalesce(CAST(BEN_RNG_GEM AS STRING), '') AS pair_identity
    FROM identity_record
),
placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY BEN_NIR_PSA, BEN_RNG_GEM
            ORDER BY
                MAX_TRT_DTD DESC NULLS LAST, BEN_DTE_MAJ DESC NULLS LAST,
                has_own_number DESC, coalesce(written_identity, pair_identity) NULLS LAST,
                nir_kind NULLS LAST
        ) AS recency
    FROM record
),
pair AS (
    SELECT
        BEN_NIR_PSA,
        BEN_RNG_GEM,
        -- A missing identity does not contradict one that another record states.
        min_by(written_identity, recency) FILTER (WHERE written_identity IS NOT NULL)
            AS last_identity,
        min_by(written_identity, recency)
            FILTER (WHERE written_identity IS NOT NULL AND has_own_number) AS own_identity,
        min(pair_identity) AS pair_identity,
        min_by(nir_kind, recency) FILTER (WHERE nir_kind IS NOT NULL) AS nir_kind,
        count(DISTINCT written_identity) AS n_written,
        count(DISTINCT written_identity) FILTER (WHERE has_own_number) AS n_own_numbers
    FROM placed
    GROUP BY BEN_NIR_PSA, BEN_RNG_GEM
)
SELECT
    BEN_NIR_PSA,
    BEN_RNG_GEM,
    coalesce(own_identity, last_identity, pair_identity) AS natural_id,
    nir_kind,
    coalesce(nir_kind IN (SELECT code FROM fictive_nir), FALSE) AS is_fictive,
    -- A fictive number has no subject, unless a filter that removes its rows was switched off.
    coalesce(nir_kind IN (SELECT code FROM left_out_nir), FALSE) AS is_left_out,
    coalesce(nir_kind IN (SELECT code FROM provisional_nir), FALSE) AS is_provisional,
    CASE WHEN n_written = 0 AND pair_identity IS NOT NULL THEN 1 ELSE n_written END AS n_identities,
    n_own_numbers
FROM pair
