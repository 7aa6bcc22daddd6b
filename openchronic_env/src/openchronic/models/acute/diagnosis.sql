-- One row per kept stay, role and code: its diagnoses (DP main, DR related, DAS associated). A code
-- that is repeated in a role is one row, with its number of source rows.
WITH written AS (
    SELECT stay_id, 'DP' AS role, main_diagnosis AS code, 'T_MCOaaB' AS source_table FROM stay
    UNION ALL
    SELECT stay_id, 'DR' AS role, related_diagnosis AS code, 'T_MCOaaB' AS source_table FROM stay
    UNION ALL
    SELECT stay.stay_id, 'DAS' AS role, icd10(d.ASS_DGN) AS code, 'T_MCOaaD' AS source_table
    FROM t_mcoaad AS d
    INNER JOIN stay
        ON stay.ETA_NUM = d.ETA_NUM AND stay.RSA_NUM = d.RSA_NUM
        AND coalesce(stay.file_year, 0) = coalesce(d.file_year, 0)
)
SELECT
    stay_id, role, code, min(source_table) AS source_table, count(*) AS n_source_rows
FROM written
WHERE code IS NOT NULL
GROUP BY stay_id, role, code
