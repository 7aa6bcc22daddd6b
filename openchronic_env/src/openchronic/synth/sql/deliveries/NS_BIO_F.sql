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
    1 + k.number AS BIO_SEQ_NUM,
    k.code AS BIO_PRS_IDE,
    l.quantity AS BIO_ACT_QSN
FROM simple_line AS l
JOIN code AS k ON k.vocabulary = 'NABM'
    -- A test is ordered for one sample in four; each sample has at least one test.
    AND ((slice(l.random, 2) >> (k.number % 16)) % 4 = 0 OR k.number = slice(l.random, 3) % k.codes)
WHERE l.part < 3 AND l.nature = 3211
