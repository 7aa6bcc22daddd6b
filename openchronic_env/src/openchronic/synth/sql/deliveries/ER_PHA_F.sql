SELECT
    file_year,
    {claim},
    CASE WHEN l.paired THEN 2 ELSE 1 END AS {number},
    k.cip13 AS PHA_PRS_C13,
    k.cip7 AS PHA_PRS_IDE,
    l.quantity AS {packs},
    CASE WHEN l.by_unit THEN 'D' END AS PHA_DEC_TOP,
    CASE WHEN l.by_unit AND NOT l.units_untold THEN 14 * l.quantity END AS {units},
    k.price AS PHA_ACT_PRU
FROM {lines} AS l
JOIN pack AS one ON one.cip13 = l.cip13
JOIN pack AS k ON k.cip13 = l.cip13
    OR l.paired AND k.atc = one.atc AND k.number = (one.number + 1) % one.packs
WHERE l.part < 3
