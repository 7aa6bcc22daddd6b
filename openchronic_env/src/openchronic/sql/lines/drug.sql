-- What a line of ER_PHA_F says: a pack of a drug, or units of an opened one.
SELECT
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    'drug' AS event_type,
    'ER_PHA_F' AS source_table,
    CASE WHEN PHA_PRS_C13 > 0 THEN 'CIP13' WHEN PHA_PRS_IDE > 0 THEN 'CIP7' END AS vocabulary,
    CASE
        WHEN PHA_PRS_C13 > 0 THEN CAST(PHA_PRS_C13 AS STRING)
        WHEN PHA_PRS_IDE > 0 THEN lpad(CAST(PHA_PRS_IDE AS STRING), 7, '0')
    END AS code,
    'dispensed' AS code_role,
    coalesce(PHA_DEC_TOP = 'D', FALSE) AS by_unit,
    CASE WHEN PHA_DEC_TOP = 'D' THEN PHA_DEC_QSU ELSE PHA_ACT_QSN END AS quantity,
    FALSE AS takes_sign_of_claim,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends
FROM er_pha_f
