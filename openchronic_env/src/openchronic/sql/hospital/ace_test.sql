-- Laboratory tests of outpatient visits (T_MCOaaFLSTC). The code is a number written as text, with
-- zeros to the left or without: here without, as the claims have it (BIO_PRS_IDE).
SELECT
    ETA_NUM || '|' || SEQ_NUM || '|' || CAST(coalesce(file_year, 0) AS VARCHAR) AS record_key,
    1 AS part,
    'biology' AS event_type,
    'NABM' AS vocabulary,
    coalesce(CAST(TRY_CAST(trim(NABM_COD) AS BIGINT) AS VARCHAR), nullif(trim(NABM_COD), ''))
        AS code,
    CAST(NULL AS VARCHAR) AS code_role,
    ACT_NBR AS quantity,
    DEL_DAT_ENT AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS VARCHAR) AS provider_specialty,
    CAST(NULL AS VARCHAR) AS line_flags,
    nullif(trim(NABM_COD), '') IS NOT NULL AS is_coded
FROM detail
