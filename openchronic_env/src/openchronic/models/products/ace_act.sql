-- One row per CCAM act of an outpatient visit (T_MCOaaFMSTC); each line is one act.
SELECT
    ETA_NUM || '|' || SEQ_NUM || '|' || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    1 AS part,
    'procedure' AS event_type,
    'CCAM' AS vocabulary,
    ccam(CCAM_COD) AS code,
    act_role(ACV_ACT, PHA_ACT) AS code_role,
    1 AS quantity,
    DEL_DAT_ENT AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    ccam(CCAM_COD) IS NOT NULL AS is_coded
FROM detail
