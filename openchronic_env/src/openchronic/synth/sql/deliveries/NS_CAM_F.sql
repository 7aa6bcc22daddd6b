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
    1 AS CAM_SEQ_NUM,
    -- Some deliveries pad the code with blanks.
    CASE WHEN l.padded THEN rpad(k.code, 13, ' ') ELSE k.code END AS CAM_PRS_IDE,
    '1' AS CAM_ACT_COD,
    0 AS CAM_TRT_PHA,
    k.price AS CAM_REM_BSE,
    k.price AS CAM_ACT_PRU,
    l.quantity AS CAM_ACT_QSN
FROM simple_line AS l
JOIN code AS k ON k.vocabulary = 'CCAM' AND k.number = slice(l.random, 2) % k.codes
    AND k.pool = CASE l.nature WHEN 1351 THEN 'imaging' ELSE 'technical' END
WHERE l.part < 3 AND l.nature IN (1351, 1352)
