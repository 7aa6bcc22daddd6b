SELECT
    left(facility, 8) AS IDE_ETA_NU8,
    facility AS IDE_ETA_NUM,
    CASE WHEN private THEN '365' ELSE '355' END AS IDE_PSH_CAT,
    CASE WHEN private THEN '73' ELSE '13' END AS IDE_PSH_STJ,
    pmsi AS IDE_IMP_DPT
FROM facility
