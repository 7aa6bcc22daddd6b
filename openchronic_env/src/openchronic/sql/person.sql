-- One row per subject: the last valid value of each characteristic over all the person's records.
-- Source of the order: MAX_TRT_DTD then BEN_DTE_MAJ (Documentation-SNDS, fiche_beneficiaire).
WITH record AS (
    SELECT
        subject.subject_id,
        ben.*,
        psa.is_shared,
        row_number() OVER (
            PARTITION BY subject.subject_id
            ORDER BY
                ben.MAX_TRT_DTD DESC NULLS LAST, ben.BEN_DTE_MAJ DESC NULLS LAST,
                ben.BEN_NIR_PSA, ben.BEN_RNG_GEM, ben.BEN_NAI_ANN NULLS LAST,
                ben.BEN_NAI_MOI NULLS LAST, ben.BEN_SEX_COD NULLS LAST,
                ben.BEN_RES_DPT NULLS LAST, ben.BEN_RES_COM NULLS LAST,
                ben.BEN_DCD_DTE NULLS LAST, ben.ORG_AFF_BEN NULLS LAST
        ) AS recency
    FROM ir_ben_r AS ben
    INNER JOIN pair
        ON pair.BEN_NIR_PSA = ben.BEN_NIR_PSA AND pair.BEN_RNG_GEM = ben.BEN_RNG_GEM
    INNER JOIN subject ON subject.natural_id = pair.natural_id
    INNER JOIN psa ON psa.BEN_NIR_PSA = ben.BEN_NIR_PSA
    WHERE NOT pair.is_fictive
),
-- Birth years -1, 0, 1 and 1600 mean "unknown" (SCALPEL-Extraction, AllPatientExtractor).
person AS (
    SELECT
        subject_id,
        min_by(BEN_NAI_ANN, recency) FILTER (WHERE BEN_NAI_ANN BETWEEN 1850 AND 2199) AS birth_year,
        min_by(BEN_NAI_MOI, recency) FILTER (
            WHERE BEN_NAI_ANN BETWEEN 1850 AND 2199 AND BEN_NAI_MOI BETWEEN 1 AND 12
        ) AS birth_month,
        min_by(BEN_SEX_COD, recency) FILTER (WHERE BEN_SEX_COD IN (1, 2)) AS sex_code,
        min_by(BEN_RES_DPT, recency) FILTER (WHERE BEN_RES_DPT IS NOT NULL) AS residence_department,
        min_by(BEN_RES_COM, recency) FILTER (WHERE BEN_RES_DPT IS NOT NULL) AS residence_commune,
        min_by(substr(ORG_AFF_BEN, 1, 3), recency)
            FILTER (WHERE ORG_AFF_BEN IS NOT NULL) AS scheme,
        min(BEN_DCD_DTE) AS recorded_death,
        max(BEN_DTE_MAJ) AS last_update,
        count(DISTINCT BEN_SEX_COD) FILTER (WHERE BEN_SEX_COD IN (1, 2)) > 1 AS sex_varies,
        count(DISTINCT BEN_NAI_ANN) FILTER (WHERE BEN_NAI_ANN BETWEEN 1850 AND 2199) > 1
            AS birth_varies,
        bool_or(is_shared) AS is_twin,
        bool_or(coalesce(BEN_IDT_TOP = 1, FALSE)) AS has_own_number,
        CAST(count(*) AS INTEGER) AS n_source_rows
    FROM record
    GROUP BY subject_id
)
SELECT
    *,
    date_of(birth_year, coalesce(birth_month, 1), 1) AS birth_date,
    CASE
        WHEN birth_year IS NULL THEN NULL
        WHEN birth_month IS NULL THEN 'year'
        ELSE 'month'
    END AS birth_precision
FROM person
