-- One row per CCAM act of a week of rehabilitation (T_SSRaaCCAM). Its delay counts from entry in
-- the unit, which is the entry of the stay unless the patient changed units: a day outside the week
-- is not trusted.
SELECT
    ETA_NUM || '|' || RHA_NUM || '|'
        || CASE WHEN (SELECT count(RHS_NUM) FROM judged) > 0 THEN coalesce(RHS_NUM, '') ELSE '' END
        || '|'
        || CAST(coalesce(file_year, 0) AS STRING)
        AS record_key,
    1 AS part,
    'procedure' AS event_type,
    'CCAM' AS vocabulary,
    ccam(CCAM_ACT) AS code,
    act_role(CCAM_COD_ACT, CCAM_PHA_ACT) AS code_role,
    CCAM_NBR_REA AS quantity,
    CCAM_DEL_ENT_UM AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    ccam(CCAM_ACT) IS NOT NULL AS is_coded
-- Where the records have no weeks, a line belongs to the whole stay.
FROM detail
