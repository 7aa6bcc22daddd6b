SELECT
    file_year,
    facility AS ETA_NUM,
    sequence AS SEQ_NUM,
    right(sequence, 9) AS NUM_FAC,
    -- Since 2022 the code depends on the patient's age and the hour.
    CASE WHEN year(done) < 2022 THEN 'ATU  ' ELSE 'FU' || 1 + slice(random, 3) % 4 || '  ' END AS ACT_COD,
    1 AS ACT_NBR,
    1 AS ACT_COE,
    0 AS DEL_DAT_ENT,
    done AS EXE_SOI_DTD,
    year(done) AS SOR_ANN,
    month(done) AS SOR_MOI,
    25.28 AS PRI_UNI,
    25.28 AS REM_BAS,
    80 AS REM_TAU,
    20.22 AS AMO_MNR,
    25.28 AS HON_MNT
FROM visit WHERE emergency
