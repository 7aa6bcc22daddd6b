SELECT
    file_year,
    facility AS ETA_NUM,
    sequence AS SEQ_NUM,
    CASE WHEN unchained THEN 'xxxxxxxxxxxxxxxxx' ELSE psa END AS NIR_ANO_17,
    done AS EXE_SOI_DTD,
    done AS EXE_SOI_DTF,
    done AS ENT_DAT,
    done AS SOR_DAT,
    CASE WHEN unchained THEN '2' ELSE '0' END AS NIR_RET,
    '0' AS NAI_RET,
    '0' AS SEX_RET,
    '0' AS IAS_RET,
    '0' AS ENT_DAT_RET
FROM visit
