-- NS_UCD_F under the names of ER_UCD_F. The line of the bill is not delivered.
-- Source: schema-snds fe17ef83, schemas/DCIRS/NS_UCD_F.json.
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
    UCD_SEQ_NUM AS UCD_ORD_NUM,
    UCD_UCD_COD,
    UCD_DLV_NBR,
    UCD_TOP_UCD,
    UCD_TTF_MNT,
    UCD_FAC_PRU,
    UCD_FRC_COE,
    file_year
FROM ns_ucd_f
