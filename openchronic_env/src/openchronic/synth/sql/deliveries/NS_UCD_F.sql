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
    1 AS UCD_SEQ_NUM,
    l.code AS UCD_UCD_COD,
    l.quantity AS UCD_DLV_NBR,
    0 AS UCD_TOP_UCD,
    l.price AS UCD_TTF_MNT,
    l.price AS UCD_FAC_PRU,
    1 AS UCD_FRC_COE
FROM simple_line AS l
WHERE l.part < 3 AND l.detail = 'UCD'
