SELECT
    file_year,
    facility AS ETA_NUM,
    sequence AS SEQ_NUM,
    right(sequence, 9) AS NUM_FAC,
    k.code AS CCAM_COD,
    '1' AS ACV_ACT,
    '0' AS PHA_ACT,
    0 AS DEL_DAT_ENT,
    year(done) AS SOR_ANN,
    month(done) AS SOR_MOI
FROM visit AS v
JOIN code AS k ON k.vocabulary = 'CCAM' AND k.number = slice(v.random, 2) % k.codes
    AND k.pool = CASE v.nature WHEN 1351 THEN 'imaging' ELSE 'technical' END
WHERE v.nature IN (1351, 1352)
