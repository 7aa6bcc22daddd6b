-- One row per subject, month of care and set of values: what a month of claims records of the
-- persons cared for. The month of care is not trusted where the claim came more than 27 months
-- after it (Documentation-SNDS, sas_prestation_dcir) or before the care. Birth years -1, 0, 1 and
-- 1600 mean "unknown" (SCALPEL-Extraction, AllPatientExtractor).
SELECT
    subject_id,
    CASE
        WHEN care_date BETWEEN add_days(FLX_DIS_DTD, -840) AND FLX_DIS_DTD
            THEN add_days(care_date, 1 - day(care_date))
    END AS month,
    coalesce(BEN_RES_DPT, '') AS dpt,
    coalesce(BEN_RES_COM, '') AS com,
    affiliation(ORG_AFF_BEN) AS body,
    substr(ORG_AFF_BEN, 1, 2) AS scheme,
    CASE WHEN BEN_NAI_ANN BETWEEN 1850 AND 2199 THEN BEN_NAI_ANN END AS birth_year,
    BEN_DCD_DTE AS death_day,
    CASE WHEN BEN_DCD_DTE IS NULL THEN last_day_of(BEN_DCD_AME) END AS death_month_end,
    min(FLX_DIS_DTD) AS first_known,
    max(FLX_DIS_DTD) AS last_known,
    count(*) AS n_lines
FROM claim
WHERE subject_id IS NOT NULL AND NOT is_fictive
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
