SELECT
    discharge_year AS file_year,
    facility AS ETA_NUM,
    record AS RSA_NUM,
    number AS UM_ORD_NUM,
    diagnosis AS DGN_PAL,
    CASE WHEN second THEN NULL ELSE related END AS DGN_REL,
    CASE WHEN second AND slice(random, 3) % 4 = 0 THEN '02A' ELSE '29' END AS AUT_TYP1_UM,
    facility AS ETA_NUM_GEO,
    (discharged - admitted) // 2 AS PAR_DUR_SEJ
FROM ward
