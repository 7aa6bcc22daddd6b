SELECT
    file_year,
    CLE_DCI_JNT,
    FLX_DIS_DTD,
    FLX_TRT_DTD,
    BEN_IDT_ANO,
    BEN_RES_DPT,
    EXE_SOI_DTD,
    EXE_SOI_DTF,
    PRS_NAT_REF,
    RGO_REM_TAU,
    PFS_EXE_NUM,
    PFS_PRE_NUM,
    ETB_EXE_FIN,
    CASE WHEN l.paired THEN 2 ELSE 1 END AS PHA_SEQ_NUM,
    k.cip13 AS PHA_PRS_C13,
    k.cip7 AS PHA_PRS_IDE,
    l.quantity AS PHA_ACT_QSC,
    CASE WHEN l.by_unit THEN 'D' END AS PHA_DEC_TOP,
    CASE WHEN l.by_unit AND NOT l.units_untold THEN 14 * l.quantity END AS PHA_DEC_QSD,
    k.price AS PHA_ACT_PRU
FROM simple_line AS l
JOIN pack AS one ON one.cip13 = l.cip13
JOIN pack AS k ON k.cip13 = l.cip13
    OR l.paired AND k.atc = one.atc AND k.number = (one.number + 1) % one.packs
WHERE l.part < 3
