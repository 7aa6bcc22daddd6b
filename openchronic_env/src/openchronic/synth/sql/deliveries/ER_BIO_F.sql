SELECT
    file_year,
    {claim},
    1 + k.number AS {number},
    k.code AS BIO_PRS_IDE,
    l.quantity AS BIO_ACT_QSN
FROM {lines} AS l
JOIN code AS k ON k.vocabulary = 'NABM'
    -- A test is ordered for one sample in four; each sample has at least one test.
    AND ((slice(l.random, 2) >> (k.number % 16)) % 4 = 0 OR k.number = slice(l.random, 3) % k.codes)
WHERE l.part < 3 AND l.nature = 3211
