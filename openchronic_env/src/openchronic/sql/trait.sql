-- What a month of claims says of those who were cared for: one row per subject, month of care and
-- way of saying it. Care that came more than 27 months later (Documentation-SNDS,
-- sas_prestation_dcir) or before it was done has no month that can be trusted.
SELECT
    subject_id,
    CASE
        WHEN care_date BETWEEN add_days(FLX_DIS_DTD, -840) AND FLX_DIS_DTD
            THEN add_days(care_date, 1 - day(care_date))
    END AS month,
    coalesce(BEN_RES_DPT, '') AS dpt,
    coalesce(BEN_RES_COM, '') AS com,
    affiliation(ORG_AFF_BEN) AS body,
    min(FLX_DIS_DTD) AS first_known,
    max(FLX_DIS_DTD) AS last_known,
    count(*) AS n_lines
FROM claim
WHERE subject_id IS NOT NULL AND NOT is_fictive
GROUP BY 1, 2, 3, 4, 5
