-- NS_CAM_F under the names of ER_CAM_F. The tariff scale is not delivered; the number of acts
-- (CAM_ACT_QSN), which the full product leaves to the claim (PRS_ACT_QTE), is not taken over here.
-- Source: schema-snds fe17ef83, schemas/DCIRS/NS_CAM_F.json.
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
    CAM_SEQ_NUM AS CAM_ORD_NUM,
    CAM_PRS_IDE,
    CAM_ACT_COD,
    CAM_TRT_PHA,
    CAM_ASS_COD,
    CAM_MOD_COD,
    CAM_REM_BSE,
    CAM_ACT_PRU,
    file_year
FROM ns_cam_f
