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
JOIN dispensed AS k ON k.of_line = l.cip13 AND k.paired = l.paired
WHERE l.part < 3
