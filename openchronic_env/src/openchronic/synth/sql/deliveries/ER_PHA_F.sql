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
    CASE WHEN l.paired THEN 2 ELSE 1 END AS PHA_ORD_NUM,
    k.cip13 AS PHA_PRS_C13,
    k.cip7 AS PHA_PRS_IDE,
    l.quantity AS PHA_ACT_QSN,
    CASE WHEN l.by_unit THEN 'D' END AS PHA_DEC_TOP,
    CASE WHEN l.by_unit AND NOT l.units_untold THEN 14 * l.quantity END AS PHA_DEC_QSU,
    k.price AS PHA_ACT_PRU
FROM flux_line AS l
JOIN pack AS one ON one.cip13 = l.cip13
JOIN pack AS k ON k.cip13 = l.cip13
    OR l.paired AND k.atc = one.atc AND k.number = (one.number + 1) % one.packs
WHERE l.part < 3
