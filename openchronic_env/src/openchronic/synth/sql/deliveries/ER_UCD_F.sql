SELECT
    file_year,
    FLX_DIS_DTD,
    FLX_TRT_DTD,
    FLX_EMT_TYP,
    FLX_EMT_NUM,
    FLX_EMT_ORD,
    ORG_CLE_NUM,
    DCT_ORD_NUM,
    PRS_ORD_NUM,
    REM_TYP_AFF,
    1 AS UCD_ORD_NUM,
    1 AS UCD_LGN_NUM,
    l.code AS UCD_UCD_COD,
    l.quantity AS UCD_DLV_NBR,
    0 AS UCD_TOP_UCD,
    l.price AS UCD_TTF_MNT,
    l.price AS UCD_FAC_PRU,
    1 AS UCD_FRC_COE
FROM flux_line AS l
WHERE l.part < 3 AND l.detail = 'UCD'
