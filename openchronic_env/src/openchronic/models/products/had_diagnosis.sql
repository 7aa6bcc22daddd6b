-- One row per main diagnosis of a sub-sequence of hospital at home.
SELECT
    ETA_NUM_EPMSI || '|' || RHAD_NUM || '|' || coalesce(SEQ_NUM, '') || '|' || coalesce(SSEQ_NUM, '') || '|'
        || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    1 AS part,
    'diagnosis' AS event_type,
    'CIM10' AS vocabulary,
    icd10(DGN_PAL) AS code,
    'DP' AS code_role,
    CAST(NULL AS BIGINT) AS quantity,
    CAST(NULL AS BIGINT) AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    TRUE AS is_coded
FROM judged
