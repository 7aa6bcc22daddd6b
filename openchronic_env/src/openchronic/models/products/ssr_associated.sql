-- One row per associated diagnosis of a week of rehabilitation (T_SSRaaD).
SELECT
    ETA_NUM || '|' || RHA_NUM || '|'
        || CASE WHEN (SELECT count(RHS_NUM) FROM judged) > 0 THEN coalesce(RHS_NUM, '') ELSE '' END
        || '|'
        || CAST(coalesce(file_year, 0) AS STRING)
        AS record_key,
    1 AS part,
    'diagnosis' AS event_type,
    'CIM10' AS vocabulary,
    icd10(DGN_COD) AS code,
    'DAS' AS code_role,
    CAST(NULL AS BIGINT) AS quantity,
    CAST(NULL AS BIGINT) AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    icd10(DGN_COD) IS NOT NULL AS is_coded
-- Where the records have no weeks, a line belongs to the whole stay.
FROM detail
