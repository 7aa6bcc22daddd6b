-- CCAM acts of hospital at home (T_HADaaA), so many days after the start of their sub-sequence.
SELECT
    ETA_NUM_EPMSI || '|' || RHAD_NUM || '|' || coalesce(SEQ_NUM, '') || '|' || SSEQ_NUM || '|'
        || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    1 AS part,
    'procedure' AS event_type,
    'CCAM' AS vocabulary,
    ccam(CCAM_COD) AS code,
    act_role(ACT_COD, PHA_COD) AS code_role,
    REAL_NBR AS quantity,
    DEL_DEB_SSEQ AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    ccam(CCAM_COD) IS NOT NULL AS is_coded
FROM detail
