-- One row per subject of a bucket: the last valid value of each characteristic over all records of
-- the person, a month with its year. Claims give the year of birth where no record does.
-- Source of the order: MAX_TRT_DTD then BEN_DTE_MAJ (Documentation-SNDS, fiche_beneficiaire).
WITH placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY subject_id
            ORDER BY
                MAX_TRT_DTD DESC NULLS LAST, BEN_DTE_MAJ DESC NULLS LAST,
                BEN_NIR_PSA, BEN_RNG_GEM, BEN_NAI_ANN NULLS LAST,
                BEN_NAI_MOI NULLS LAST, BEN_SEX_COD NULLS LAST,
                BEN_RES_DPT NULLS LAST, BEN_RES_COM NULLS LAST,
                BEN_DCD_DTE NULLS LAST, ORG_AFF_BEN NULLS LAST
        ) AS recency
    FROM record
),
-- Birth years -1, 0, 1 and 1600 mean "unknown" (SCALPEL-Extraction, AllPatientExtractor).
chosen AS (
    SELECT
        subject_id,
        min_by(BEN_NAI_ANN, recency) FILTER (WHERE BEN_NAI_ANN BETWEEN 1850 AND 2199) AS birth_year,
        min_by(BEN_SEX_COD, recency) FILTER (WHERE BEN_SEX_COD IN (1, 2)) AS sex_code,
        min_by(substr(ORG_AFF_BEN, 1, 3), recency)
            FILTER (WHERE ORG_AFF_BEN IS NOT NULL) AS scheme,
        max(BEN_DTE_MAJ) AS last_update,
        count(DISTINCT BEN_SEX_COD) FILTER (WHERE BEN_SEX_COD IN (1, 2)) > 1 AS sex_varies,
        count(DISTINCT BEN_NAI_ANN) FILTER (WHERE BEN_NAI_ANN BETWEEN 1850 AND 2199) > 1
            AS birth_varies,
        bool_or(is_shared) AS is_twin,
        bool_and(is_provisional) AS is_provisional,
        bool_or(has_own_number) AS has_own_number,
        count(DISTINCT BEN_NIR_PSA || '|' || CAST(coalesce(BEN_RNG_GEM, -1) AS STRING)) AS n_pairs,
        count(DISTINCT BEN_DCD_DTE) AS n_death_dates,
        CAST(count(*) AS INTEGER) AS n_source_rows
    FROM placed
    GROUP BY subject_id
),
detail AS (
    SELECT
        chosen.subject_id,
        min_by(placed.BEN_NAI_MOI, placed.recency) FILTER (
            WHERE placed.BEN_NAI_ANN = chosen.birth_year AND placed.BEN_NAI_MOI BETWEEN 1 AND 12
        ) AS birth_month
    FROM placed
    INNER JOIN chosen ON chosen.subject_id = placed.subject_id
    GROUP BY chosen.subject_id
),
-- Of several years of birth, the one of the last flux is kept, then the one of most lines.
claimed_birth AS (
    SELECT
        subject_id,
        birth_year,
        row_number() OVER (
            PARTITION BY subject_id ORDER BY max(last_known) DESC, sum(n_lines) DESC, birth_year
        ) AS recency
    FROM trait_line
    WHERE birth_year IS NOT NULL
    GROUP BY subject_id, birth_year
),
-- The scheme whose claims of a subject are the earliest.
first_claimed AS (
    SELECT
        subject_id,
        min_by(scheme, CAST(month AS STRING) || scheme)
            FILTER (WHERE month IS NOT NULL AND scheme IS NOT NULL) AS scheme
    FROM trait_line
    GROUP BY subject_id
)
SELECT
    chosen.*,
    coalesce(first_claimed.scheme, substr(chosen.scheme, 1, 2)) AS first_scheme,
    detail.birth_month,
    claimed_birth.birth_year AS claimed_birth_year,
    date_of(
        coalesce(chosen.birth_year, claimed_birth.birth_year), coalesce(detail.birth_month, 1), 1
    ) AS birth_date
FROM chosen
INNER JOIN detail ON detail.subject_id = chosen.subject_id
LEFT JOIN claimed_birth
    ON claimed_birth.subject_id = chosen.subject_id AND claimed_birth.recency = 1
LEFT JOIN first_claimed ON first_claimed.subject_id = chosen.subject_id
