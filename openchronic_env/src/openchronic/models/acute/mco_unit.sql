-- Two rows per line of T_MCOaaUM, one for each role: the diagnoses of the medical units of stays.
-- The diagnosis of a unit is not always one of its stay, and published definitions search those of
-- every unit (Documentation-SNDS, cartographie_pathologies). They have roles of their own, and are
-- not associated diagnoses.
SELECT
    {record_key} AS record_key,
    role.part,
    'diagnosis' AS event_type,
    'CIM10' AS vocabulary,
    icd10(CASE role.name WHEN 'DP_UM' THEN DGN_PAL ELSE DGN_REL END) AS code,
    role.name AS code_role,
    CAST(NULL AS BIGINT) AS quantity,
    CAST(NULL AS BIGINT) AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    icd10(DGN_PAL) IS NOT NULL OR icd10(DGN_REL) IS NOT NULL AS is_coded
FROM detail
CROSS JOIN (SELECT 1 AS part, 'DP_UM' AS name UNION ALL SELECT 2, 'DR_UM') AS role
