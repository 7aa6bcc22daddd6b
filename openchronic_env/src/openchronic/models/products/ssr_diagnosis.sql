-- One row per week of rehabilitation and role of diagnosis: FPP purpose of the care (finalité
-- principale de prise en charge), MMP main morbidity (manifestation morbide principale), AE disease
-- at its origin (affection étiologique).
SELECT
    {record_key} AS record_key,
    role.part,
    'diagnosis' AS event_type,
    'CIM10' AS vocabulary,
    icd10(CASE role.name WHEN 'FPP' THEN FP_PEC WHEN 'MMP' THEN MOR_PRP ELSE ETL_AFF END) AS code,
    role.name AS code_role,
    CAST(NULL AS BIGINT) AS quantity,
    CAST(NULL AS BIGINT) AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    TRUE AS is_coded
FROM detail
CROSS JOIN (
    SELECT 1 AS part, 'FPP' AS name UNION ALL SELECT 2, 'MMP' UNION ALL SELECT 3, 'AE'
) AS role
