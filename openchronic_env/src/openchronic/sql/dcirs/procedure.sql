-- lines/procedure.sql for NS_CAM_F, which counts the acts of a line (CAM_ACT_QSN).
-- Source: schema-snds fe17ef83, schemas/DCIRS/NS_CAM_F.json; Documentation-SNDS, tables_affinees.
SELECT
    FLX_DIS_DTD,
    FLX_DIS_DTD AS FLX_TRT_DTD,
    0 AS FLX_EMT_TYP,
    0 AS FLX_EMT_NUM,
    0 AS FLX_EMT_ORD,
    '' AS ORG_CLE_NUM,
    CLE_DCI_JNT AS DCT_ORD_NUM,
    0 AS PRS_ORD_NUM,
    0 AS REM_TYP_AFF,
    'procedure' AS event_type,
    'ER_CAM_F' AS source_table,
    'CCAM' AS vocabulary,
    ccam(CAM_PRS_IDE) AS code,
    act_role(CAM_ACT_COD, CAM_TRT_PHA) AS code_role,
    FALSE AS by_unit,
    CAM_ACT_QSN AS quantity,
    CAM_ACT_QSN IS NULL AS takes_sign_of_claim,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends
FROM ns_cam_f
