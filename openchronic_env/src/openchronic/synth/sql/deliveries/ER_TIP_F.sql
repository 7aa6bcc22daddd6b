SELECT
    file_year,
    {claim},
    1 AS {number},
    l.code AS TIP_PRS_IDE,
    CASE WHEN l.nature = 3511 THEN 3 ELSE 1 END AS TIP_PRS_TYP,
    l.quantity AS TIP_ACT_QSN,
    CASE WHEN NOT chance(l.random, 3, 70) THEN l.price END AS TIP_ACT_PRU,
    CASE WHEN l.nature = 3511 THEN l.done ELSE DATE '1600-01-01' END AS TIP_ACL_DTD,
    CASE WHEN l.nature = 3511 THEN l.done + 27 ELSE DATE '1600-01-01' END AS TIP_ACL_DTF,
    l.price AS TIP_PUB_PRX
FROM {lines} AS l
WHERE l.part < 3 AND l.detail = 'LPP'
