-- One row per line of ER_UCD_F: units of a drug that a hospital dispensed to somebody at home
-- (retrocession), or that a clinic billed on top of a stay (IR_TCU_V).
SELECT
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    'hospital_drug' AS event_type,
    'ER_UCD_F' AS source_table,
    'UCD' AS vocabulary,
    ucd7(UCD_UCD_COD) AS code,
    CASE UCD_TOP_UCD WHEN 0 THEN 'retrocession' WHEN 1 THEN 'on_top' END AS code_role,
    FALSE AS by_unit,
    FALSE AS units_missing,
    UCD_DLV_NBR AS quantity,
    FALSE AS is_of_claim,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends
FROM er_ucd_f
