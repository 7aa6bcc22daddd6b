SELECT
    file_year,
    facility AS ETA_NUM,
    record AS RHA_NUM,
    lpad(number::VARCHAR, 3, '0') AS RHS_NUM,
    'ZBQK002' AS CCAM_ACT,
    '1' AS CCAM_COD_ACT,
    '0' AS CCAM_PHA_ACT,
    1 AS CCAM_NBR_REA,
    0 AS CCAM_DEL_ENT_UM
FROM week WHERE number = 1
