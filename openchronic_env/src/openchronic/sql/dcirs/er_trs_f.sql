-- NS_TRS_F under the names of ER_TRS_F.
-- Source: schema-snds fe17ef83, schemas/DCIRS/NS_TRS_F.json.
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
    TRS_SEQ_NUM AS ITR_ORD_NUM,
    TRS_DTD_DTE,
    TRS_DTF_DTE,
    TRS_DEP_CDP,
    TRS_ARR_CDP,
    file_year
FROM ns_trs_f
