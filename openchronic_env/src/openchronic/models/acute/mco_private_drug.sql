-- One row per costly drug paid on top of a stay in a private hospital (T_MCOaaFH). Until 2013 no
-- line gives the day of the stay.
SELECT
    ETA_NUM || '|' || RSA_NUM || '|' || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    1 AS part,
    'hospital_drug' AS event_type,
    'UCD' AS vocabulary,
    ucd7(UCD_UCD_COD) AS code,
    'on_top' AS code_role,
    QUA_COD AS quantity,
    DEL_DAT_ENT AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    ucd7(UCD_UCD_COD) IS NOT NULL AS is_coded
FROM detail
