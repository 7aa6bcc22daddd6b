-- One row per associated diagnosis of a sub-sequence of hospital at home (T_HADaaD).
SELECT
    ETA_NUM_EPMSI || '|' || RHAD_NUM || '|'
        || CASE WHEN (SELECT count(SEQ_NUM) FROM judged) > 0 THEN coalesce(SEQ_NUM, '') ELSE '' END
        || '|'
        || CASE WHEN (SELECT count(SSEQ_NUM) FROM judged) > 0 THEN coalesce(SSEQ_NUM, '') ELSE '' END
        || '|'
        || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    1 AS part,
    'diagnosis' AS event_type,
    'CIM10' AS vocabulary,
    icd10(DGN_ASS) AS code,
    'DAS' AS code_role,
    CAST(NULL AS BIGINT) AS quantity,
    CAST(NULL AS BIGINT) AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    icd10(DGN_ASS) IS NOT NULL AS is_coded
-- Where the records have no sequences, a line belongs to the whole stay.
FROM detail
