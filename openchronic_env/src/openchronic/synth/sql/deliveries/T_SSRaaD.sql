SELECT
    file_year,
    facility AS ETA_NUM,
    record AS RHA_NUM,
    lpad(number::VARCHAR, 3, '0') AS RHS_NUM,
    ['I10', 'E119', 'R13', 'E669'][1 + slice(random, 1) % 4] AS DGN_COD
FROM week
