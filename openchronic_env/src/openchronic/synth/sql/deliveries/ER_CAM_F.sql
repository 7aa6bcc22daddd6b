SELECT
    file_year,
    {claim},
    1 AS {number},
    -- Some deliveries pad the code with blanks.
    CASE WHEN l.padded THEN rpad(k.code, 13, ' ') ELSE k.code END AS CAM_PRS_IDE,
    '1' AS CAM_ACT_COD,
    0 AS CAM_TRT_PHA,
    k.price AS CAM_REM_BSE,
    k.price AS CAM_ACT_PRU{more}
FROM {lines} AS l
JOIN code AS k ON k.vocabulary = 'CCAM' AND k.number = slice(l.random, 2) % k.codes
    AND k.pool = CASE l.nature WHEN 1351 THEN 'imaging' ELSE 'technical' END
WHERE l.part < 3 AND l.nature IN (1351, 1352)
