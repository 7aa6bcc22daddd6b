-- One row per outpatient act of psychiatry (T_RIPaaR3A) in a month: the code is the nature of the
-- act, the role is the profession. An act without nature or month makes no event.
SELECT
    ETA_NUM_EPMSI || '|' || IPP_IRR_CRY || '|' || CAST(coalesce(file_year, 0) AS STRING)
        AS record_key,
    1 AS part,
    'hospital_service' AS event_type,
    'ACT_NAT' AS vocabulary,
    nullif(trim(upper(ACT_NAT)), '') AS code,
    PRO_CAT AS code_role,
    1 AS quantity,
    CAST(NULL AS BIGINT) AS delay,
    date_of(RAL_ACT_ANN, RAL_ACT_MOI, 1) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    nullif(trim(ACT_NAT), '') IS NOT NULL AND date_of(RAL_ACT_ANN, RAL_ACT_MOI, 1) IS NOT NULL
        AS is_coded
FROM detail
