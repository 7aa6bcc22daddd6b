SELECT
    discharge_year AS file_year,
    facility AS ETA_NUM,
    record AS RSA_NUM,
    code AS CDC_ACT,
    activity AS ACV_ACT,
    '0' AS PHA_ACT,
    times AS NBR_EXE_ACT,
    delay AS ENT_DAT_DEL
FROM operation
