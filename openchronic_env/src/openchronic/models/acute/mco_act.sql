-- One row per CCAM act of a stay (T_MCOaaA). The role is activity/phase: 1/0 is the act itself, 4/0
-- its anaesthesia; a dash stands for a part that is missing.
SELECT
    ETA_NUM || '|' || RSA_NUM || '|' || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    1 AS part,
    'procedure' AS event_type,
    'CCAM' AS vocabulary,
    ccam(CDC_ACT) AS code,
    act_role(ACV_ACT, PHA_ACT) AS code_role,
    NBR_EXE_ACT AS quantity,
    ENT_DAT_DEL AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    ccam(CDC_ACT) IS NOT NULL AS is_coded
FROM detail
