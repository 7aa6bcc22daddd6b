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
    1 + k.number AS BIO_ORD_NUM,
    k.code AS BIO_PRS_IDE,
    l.quantity AS BIO_ACT_QSN
FROM flux_line AS l
JOIN code AS k ON k.vocabulary = 'NABM'
    -- A test is ordered for one sample in four; each sample has at least one test.
    AND ((slice(l.random, 2) >> (k.number % 16)) % 4 = 0 OR k.number = slice(l.random, 3) % k.codes)
WHERE l.part < 3 AND l.nature = 3211
