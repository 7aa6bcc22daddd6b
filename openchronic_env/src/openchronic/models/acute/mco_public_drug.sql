-- Costly drugs paid on top of stays in public hospitals (T_MCOaaMED): the others are in the tariff
-- of the stay, and nowhere to be seen.
SELECT
    ETA_NUM || '|' || RSA_NUM || '|' || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    1 AS part,
    'hospital_drug' AS event_type,
    'UCD' AS vocabulary,
    ucd7(UCD_UCD_COD) AS code,
    'on_top' AS code_role,
    ADM_NBR AS quantity,
    DELAI AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    ucd7(UCD_UCD_COD) IS NOT NULL AS is_coded
FROM detail
