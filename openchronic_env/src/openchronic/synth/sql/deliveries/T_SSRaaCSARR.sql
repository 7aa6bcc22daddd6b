SELECT
    file_year,
    facility AS ETA_NUM,
    record AS RHA_NUM,
    lpad(w.number::VARCHAR, 3, '0') AS RHS_NUM,
    k.code AS CSARR_COD,
    '26' AS TYP_INTERV,
    1 + slice(random, 2) % 5 AS NBR_CSARR,
    1 AS NBR_INTERV,
    7 * (w.number - 1) AS ENT_DAT_DEL_UM
FROM week AS w
JOIN code AS k ON k.vocabulary = 'CSARR'
    AND k.number IN ((slice(random, 2) + w.number) % k.codes, (slice(random, 2) + w.number + 1) % k.codes)
