SELECT
    file_year,
    facility AS ETA_NUM,
    sequence AS SEQ_NUM,
    right(sequence, 9) AS NUM_FAC,
    lpad(k.code, 4, '0') AS NABM_COD,
    1 AS ACT_NBR,
    0 AS DEL_DAT_ENT,
    strftime(done, '%m%Y') AS ANN_MOI
FROM visit AS v
JOIN code AS k ON k.vocabulary = 'NABM' AND k.number IN (slice(v.random, 2) % k.codes,
    slice(v.random, 3) % k.codes)
WHERE v.emergency OR v.specialty IN (35, 42)
