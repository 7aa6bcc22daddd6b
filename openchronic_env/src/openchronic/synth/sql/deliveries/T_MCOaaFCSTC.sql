SELECT
    file_year,
    facility AS ETA_NUM,
    sequence AS SEQ_NUM,
    right(sequence, 9) AS NUM_FAC,
    -- The code is padded with blanks, as hospitals send it.
    rpad(CASE WHEN nature IN (1351, 1352) THEN 'ADE' WHEN specialty IN (1, 22) THEN 'C' ELSE 'CS' END,
        5, ' ') AS ACT_COD,
    1 AS ACT_NBR,
    1 AS ACT_COE,
    lpad(specialty::VARCHAR, 2, '0') AS EXE_SPE,
    0 AS DEL_DAT_ENT,
    done AS EXE_SOI_DTD,
    year(done) AS SOR_ANN,
    month(done) AS SOR_MOI,
    price AS PRI_UNI,
    price AS REM_BAS,
    rate AS REM_TAU,
    round(price * rate * 0.01, 2)::DOUBLE AS AMO_MNR,
    price AS HON_MNT
FROM visit
