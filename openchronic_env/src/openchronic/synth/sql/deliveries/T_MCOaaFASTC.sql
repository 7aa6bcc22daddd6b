SELECT
    file_year,
    facility AS ETA_NUM,
    sequence AS SEQ_NUM,
    right(sequence, 9) AS NUM_FAC,
    date_sub('year', born, done) AS AGE_ANN,
    sex AS COD_SEX,
    concat(pmsi, lpad((100 + slice(random, 1) % 800)::VARCHAR, 3, '0')) AS BDI_COD,
    pmsi AS BDI_DEP,
    year(done) AS SOR_ANN,
    month(done) AS SOR_MOI,
    '10' AS NAT_ASS,
    lpad(scheme::VARCHAR, 2, '0') AS NOE_RGM,
    public::INTEGER AS FIDES_TOP,
    CASE WHEN emergency THEN 25.28 ELSE 0 END AS PH_MNT,
    price AS HON_MNT,
    round(price * rate * 0.01, 2)::DOUBLE AS HON_AM_MNR
FROM visit
