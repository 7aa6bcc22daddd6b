-- What a line of ER_CAM_F says: an act of the CCAM, its activity (1 main, 4 anaesthesia) and its
-- phase. The table has no quantity: a line is one act, done or taken back as its claim says.
-- Source: Documentation-SNDS, tables_affinees.
SELECT
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    'procedure' AS event_type,
    'ER_CAM_F' AS source_table,
    'CCAM' AS vocabulary,
    ccam(CAM_PRS_IDE) AS code,
    act_role(CAM_ACT_COD, CAM_TRT_PHA) AS code_role,
    FALSE AS by_unit,
    CAST(NULL AS BIGINT) AS quantity,
    TRUE AS takes_sign_of_claim,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends
FROM er_cam_f
