-- One row per CCAM act of hospital at home (T_HADaaA), dated by its delay from the start of the
-- sub-sequence.
SELECT
    ETA_NUM_EPMSI || '|' || RHAD_NUM || '|'
        || CASE WHEN (SELECT count(SEQ_NUM) FROM judged) > 0 THEN coalesce(SEQ_NUM, '') ELSE '' END
        || '|'
        || CASE WHEN (SELECT count(SSEQ_NUM) FROM judged) > 0 THEN coalesce(SSEQ_NUM, '') ELSE '' END
        || '|'
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
-- Where the records have no sequences, a line belongs to the whole stay.
FROM detail
