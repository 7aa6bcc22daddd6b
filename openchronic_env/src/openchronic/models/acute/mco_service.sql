-- One row per emergency visit that a private hospital bills (T_MCOaaFB). The other lines of this
-- table bill their stay, which is an event already. Claims may record the same visit (PRS_NAT_REF
-- 2238).
SELECT
    {record_key} AS record_key,
    1 AS part,
    CASE WHEN letter.is_emergency THEN 'visit' END AS event_type,
    'ACT_COD' AS vocabulary,
    nullif(trim(upper(detail.ACT_COD)), '') AS code,
    CAST(NULL AS STRING) AS code_role,
    detail.ACT_NBR AS quantity,
    detail.DEL_DAT_ENT AS delay,
    detail.EXE_SOI_DTD AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CASE WHEN letter.is_emergency THEN 'emergency' END AS line_flags,
    nullif(trim(detail.ACT_COD), '') IS NOT NULL AS is_coded
FROM detail
LEFT JOIN service_letter AS letter ON letter.code = trim(upper(detail.ACT_COD))
