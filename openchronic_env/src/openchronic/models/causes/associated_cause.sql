-- One row per cause on a death certificate (KI_ECD_R), the underlying one too where it is written
-- there.
SELECT
    -- Joined by person where one of the two tables does not number the certificates.
    CASE
        WHEN (SELECT count(DCD_IDT_ENC) FROM ki_cci_r) > 0
            THEN coalesce(DCD_IDT_ENC, usable_number(BEN_IDT_ANO))
        ELSE usable_number(BEN_IDT_ANO)
    END AS record_key,
    1 AS part,
    'death_cause' AS event_type,
    'CIM10' AS vocabulary,
    icd10(ECD_CIM_COD) AS code,
    'associated' AS code_role,
    CAST(NULL AS BIGINT) AS quantity,
    CAST(NULL AS BIGINT) AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    icd10(ECD_CIM_COD) IS NOT NULL AS is_coded
FROM detail
