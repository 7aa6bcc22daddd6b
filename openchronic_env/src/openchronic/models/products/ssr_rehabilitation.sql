-- One row per act of rehabilitation (T_SSRaaCSARR), by profession (TYP_INTERV). Its delay counts as
-- that of CCAM acts.
SELECT
    ETA_NUM || '|' || RHA_NUM || '|'
        || CASE WHEN (SELECT count(RHS_NUM) FROM judged) > 0 THEN coalesce(RHS_NUM, '') ELSE '' END
        || '|'
        || CAST(coalesce(file_year, 0) AS STRING)
        AS record_key,
    1 AS part,
    'procedure' AS event_type,
    'CSARR' AS vocabulary,
    ccam(CSARR_COD) AS code,
    nullif(trim(TYP_INTERV), '') AS code_role,
    NBR_CSARR AS quantity,
    ENT_DAT_DEL_UM AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    ccam(CSARR_COD) IS NOT NULL AS is_coded
-- Where the records have no weeks, a line belongs to the whole stay.
FROM detail
