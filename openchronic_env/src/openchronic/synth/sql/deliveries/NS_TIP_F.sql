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
    1 AS TIP_SEQ_NUM,
    l.code AS TIP_PRS_IDE,
    CASE WHEN l.nature = 3511 THEN 3 ELSE 1 END AS TIP_PRS_TYP,
    l.quantity AS TIP_ACT_QSN,
    CASE WHEN NOT chance(l.random, 3, 70) THEN l.price END AS TIP_ACT_PRU,
    CASE WHEN l.nature = 3511 THEN l.done ELSE DATE '1600-01-01' END AS TIP_ACL_DTD,
    CASE WHEN l.nature = 3511 THEN l.done + 27 ELSE DATE '1600-01-01' END AS TIP_ACL_DTF,
    l.price AS TIP_PUB_PRX
FROM simple_line AS l
WHERE l.part < 3 AND l.detail = 'LPP'
