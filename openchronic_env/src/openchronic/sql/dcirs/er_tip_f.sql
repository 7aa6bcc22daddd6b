-- NS_TIP_F under the names of ER_TIP_F.
-- Source: schema-snds fe17ef83, schemas/DCIRS/NS_TIP_F.json.
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
    TIP_SEQ_NUM AS TIP_ORD_NUM,
    TIP_PRS_IDE,
    TIP_PRS_TYP,
    TIP_ACT_QSN,
    TIP_ACT_PRU,
    TIP_ACL_DTD,
    TIP_ACL_DTF,
    TIP_PUB_PRX,
    file_year
FROM ns_tip_f
