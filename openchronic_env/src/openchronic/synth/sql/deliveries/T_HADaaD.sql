SELECT
    discharge_year AS file_year,
    facility AS ETA_NUM_EPMSI,
    record AS RHAD_NUM,
    '1' AS SEQ_NUM,
    '1' AS SSEQ_NUM,
    'Z515' AS DGN_ASS
FROM home_stay WHERE slice(random, 3) % 4 = 0
