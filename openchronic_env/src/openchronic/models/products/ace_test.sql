-- One row per laboratory test of an outpatient visit (T_MCOaaFLSTC). The code is a number written
-- as text, with or without leading zeros.
SELECT
    ETA_NUM || '|' || SEQ_NUM || '|' || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    1 AS part,
    'biology' AS event_type,
    'NABM' AS vocabulary,
    nabm(NABM_COD) AS code,
    CAST(NULL AS STRING) AS code_role,
    ACT_NBR AS quantity,
    DEL_DAT_ENT AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    nabm(NABM_COD) IS NOT NULL AS is_coded
FROM detail
