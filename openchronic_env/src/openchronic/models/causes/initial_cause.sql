-- One row per underlying cause of death (KI_CCI_R); R99 means that it is not known.
SELECT
    coalesce(DCD_IDT_ENC, usable_number(BEN_IDT_ANO), usable_number(BEN_NIR_ANO)) AS record_key,
    1 AS part,
    'death_cause' AS event_type,
    'CIM10' AS vocabulary,
    icd10(DCD_CIM_COD) AS code,
    'initial' AS code_role,
    CAST(NULL AS BIGINT) AS quantity,
    CAST(NULL AS BIGINT) AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    icd10(DCD_CIM_COD) IS NOT NULL AS is_coded
FROM detail
