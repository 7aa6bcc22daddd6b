SELECT
    discharge_year AS file_year,
    facility AS ETA_NUM_EPMSI,
    record AS RIP_NUM,
    '1' AS SEQ_SEQ_NUM,
    'F171' AS ASS_DGN
FROM psychiatric
