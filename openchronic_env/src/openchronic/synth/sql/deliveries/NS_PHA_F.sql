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
    1 AS PHA_SEQ_NUM,
    l.cip13 AS PHA_PRS_C13,
    k.cip7 AS PHA_PRS_IDE,
    l.quantity AS PHA_ACT_QSC,
    k.price AS PHA_ACT_PRU
FROM simple_line AS l JOIN pack AS k ON k.cip13 = l.cip13
WHERE l.part < 3
