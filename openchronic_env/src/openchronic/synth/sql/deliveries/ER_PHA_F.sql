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
    1 AS PHA_ORD_NUM,
    l.cip13 AS PHA_PRS_C13,
    k.cip7 AS PHA_PRS_IDE,
    l.quantity AS PHA_ACT_QSN,
    k.price AS PHA_ACT_PRU
FROM flux_line AS l JOIN pack AS k ON k.cip13 = l.cip13
WHERE l.part < 3
