SELECT
    year(l.available) AS file_year,
    l.available AS FLX_DIS_DTD,
    (l.available - INTERVAL 1 MONTH)::DATE + below(l.flow, 2, 27) AS FLX_TRT_DTD,
    1 AS FLX_EMT_TYP,
    1 AS FLX_EMT_NUM,
    1 + l.person // 100000 AS FLX_EMT_ORD,
    concat(CASE p.scheme WHEN 1 THEN '01C' WHEN 2 THEN '02A' ELSE '91M' END, p.department, '000')
        AS ORG_CLE_NUM,
    l.person % 100000 * 10000 + l.statement AS DCT_ORD_NUM,
    l.part + 1 AS PRS_ORD_NUM,
    0 AS REM_TYP_AFF,
    1 AS PHA_ORD_NUM,
    l.cip13 AS PHA_PRS_C13,
    k.cip7 AS PHA_PRS_IDE,
    l.quantity AS PHA_ACT_QSN,
    k.price AS PHA_ACT_PRU
FROM line AS l JOIN person AS p USING (person) JOIN pack AS k ON k.cip13 = l.cip13
WHERE l.part < 3
