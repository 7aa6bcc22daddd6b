SELECT
    discharge_year AS file_year,
    facility AS ETA_NUM_EPMSI,
    record AS RHAD_NUM,
    '1' AS SEQ_NUM,
    '1' AS SSEQ_NUM,
    'FELF011' AS CCAM_COD,
    '1' AS ACT_COD,
    '0' AS PHA_COD,
    1 AS REAL_NBR,
    3 AS DEL_DEB_SSEQ
FROM home_stay WHERE slice(random, 3) % 3 = 0
