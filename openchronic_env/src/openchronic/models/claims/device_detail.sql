-- One row per line of ER_TIP_F: a device or a service of the LPP, whose number is written in seven
-- digits; bought, rented, maintained ... (IR_PRF_V), with its first and last day.
SELECT
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    'device' AS event_type,
    'ER_TIP_F' AS source_table,
    'LPP' AS vocabulary,
    CASE
        WHEN TIP_PRS_IDE BETWEEN 1 AND 9999999 THEN lpad(CAST(TIP_PRS_IDE AS STRING), 7, '0')
        WHEN TIP_PRS_IDE > 9999999 THEN CAST(TIP_PRS_IDE AS STRING)
    END AS code,
    CASE TIP_PRS_TYP
        WHEN 1 THEN 'purchase' WHEN 2 THEN 'maintenance' WHEN 3 THEN 'rental' WHEN 4 THEN 'carriage'
        WHEN 5 THEN 'repair' WHEN 6 THEN 'service' WHEN 7 THEN 'delivery'
    END AS code_role,
    FALSE AS by_unit,
    FALSE AS units_missing,
    TIP_ACT_QSN AS quantity,
    FALSE AS is_of_claim,
    TIP_ACL_DTD AS begins,
    TIP_ACL_DTF AS ends
FROM er_tip_f
