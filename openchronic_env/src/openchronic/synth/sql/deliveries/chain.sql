SELECT
    {year} AS file_year,
    facility AS {facility},
    record AS {number},
    CASE WHEN unchained THEN 'xxxxxxxxxxxxxxxxx' ELSE psa END AS NIR_ANO_17,
    CASE WHEN unchained THEN '2' ELSE '0' END AS NIR_RET,
    '0' AS NAI_RET,
    '0' AS SEX_RET,
    CASE WHEN NOT unchained AND slice(random, 3) % {one_in} = 3 THEN '1' ELSE '0' END AS SEJ_RET,
    '0' AS FHO_RET,
    '0' AS PMS_RET,
    '0' AS DAT_RET,
    '0' AS COH_NAI_RET,
    '0' AS COH_SEX_RET,
    admitted AS EXE_SOI_DTD,
    {discharged} AS EXE_SOI_DTF,
    admitted AS ENT_DAT,
    {discharged} AS SOR_DAT
FROM {stays}
