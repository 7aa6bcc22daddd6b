-- One row per code that events use, with its label and its parent (ATC of a pack, ALD of a
-- diagnosis).
WITH drug_code AS (
    SELECT
        'CIP13' AS vocabulary, CAST(PHA_CIP_C13 AS STRING) AS code, PHA_MED_NOM AS label,
        PHA_ATC_CLA AS parent_code, PHA_GRD_CND AS large, PHA_CND_TOP AS size_class
    FROM ir_pha_r
    UNION ALL
    SELECT
        'CIP7', lpad(CAST(PHA_PRS_IDE AS STRING), 7, '0'), PHA_MED_NOM, PHA_ATC_CLA,
        PHA_GRD_CND, PHA_CND_TOP
    FROM ir_pha_r
    WHERE PHA_PRS_IDE > 0
    UNION ALL
    SELECT 'UCD', ucd7(CAST(PHA_CIP_UCD AS STRING)), PHA_MED_NOM, PHA_ATC_CLA, NULL, NULL
    FROM ir_pha_r
    WHERE PHA_CIP_UCD > 0
),
one_drug AS (
    SELECT
        vocabulary, code,
        min(label) AS label,
        min(parent_code) AS parent_code,
        -- The two flags of the referential disagree on some packs: the older one counts first.
        coalesce(max(large) = 'O', max(size_class) = 'GC') AS is_large_pack
    FROM drug_code
    GROUP BY vocabulary, code
),
diagnosis_code AS (
    SELECT icd10, min(label) AS label, min(number) AS number FROM ald_code GROUP BY icd10
)
SELECT
    used.vocabulary,
    used.code,
    coalesce(
        one_drug.label, official_label.label, diagnosis_code.label, service_label.label, letter.label
    ) AS label,
    CASE
        WHEN one_drug.parent_code IS NOT NULL THEN 'ATC'
        WHEN diagnosis_code.number IS NOT NULL THEN 'ALD'
    END AS parent_vocabulary,
    coalesce(one_drug.parent_code, CAST(diagnosis_code.number AS STRING)) AS parent_code,
    one_drug.is_large_pack,
    used.n_events
FROM used_code AS used
LEFT JOIN one_drug ON one_drug.vocabulary = used.vocabulary AND one_drug.code = used.code
LEFT JOIN diagnosis_code ON used.vocabulary = 'CIM10' AND diagnosis_code.icd10 = used.code
LEFT JOIN official_label
    ON official_label.vocabulary = used.vocabulary AND official_label.code = used.code
LEFT JOIN service_label ON used.vocabulary = 'PRS_NAT' AND service_label.code = used.code
LEFT JOIN service_letter AS letter ON used.vocabulary = 'ACT_COD' AND letter.code = used.code
