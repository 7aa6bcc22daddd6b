-- NS_PHA_F under the names of ER_PHA_F: another name for packs and for units.
-- Source: schema-snds fe17ef83, schemas/DCIRS/NS_PHA_F.json.
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
    PHA_SEQ_NUM AS PHA_ORD_NUM,
    PHA_PRS_C13,
    PHA_PRS_IDE,
    PHA_ACT_QSC AS PHA_ACT_QSN,
    PHA_ACT_PRU,
    PHA_DEC_TOP,
    PHA_DEC_QSD AS PHA_DEC_QSU,
    PHA_DEC_PRU,
    file_year
FROM ns_pha_f
