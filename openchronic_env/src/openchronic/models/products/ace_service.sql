-- One row per service or fee of an outpatient visit (T_MCOaaFBSTC, T_MCOaaFCSTC). `service_letter`
-- lists the letters that are visits; a passage through the emergency unit may be billed by a
-- service and by a fee. The specialty is the declared one: interns count as general practitioners.
SELECT
    {record_key} AS record_key,
    1 AS part,
    CASE WHEN letter.is_visit THEN 'visit' ELSE 'hospital_service' END AS event_type,
    'ACT_COD' AS vocabulary,
    nullif(trim(upper(detail.ACT_COD)), '') AS code,
    CAST(NULL AS STRING) AS code_role,
    detail.ACT_NBR AS quantity,
    detail.DEL_DAT_ENT AS delay,
    detail.EXE_SOI_DTD AS day,
    coalesce(
        CAST(TRY_CAST(trim(detail.EXE_SPE) AS INTEGER) AS STRING), nullif(trim(detail.EXE_SPE), '')
    ) AS provider_specialty,
    CASE WHEN letter.is_emergency THEN 'emergency' END AS line_flags,
    nullif(trim(detail.ACT_COD), '') IS NOT NULL AS is_coded
FROM detail
LEFT JOIN service_letter AS letter ON letter.code = trim(upper(detail.ACT_COD))
