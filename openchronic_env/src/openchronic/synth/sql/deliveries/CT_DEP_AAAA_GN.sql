SELECT
    year AS file_year,
    m.carto AS ID_CARTO,
    m.sex AS BEN_SEX_COD,
    year(m.born) AS BEN_NAI_ANN,
    greatest(year - year(m.born), 0) AS AGE,
    m.department AS DPT,
    coalesce(s.pharmacy, 0) AS DEP_SDV_PHARMACIE_MNT,
    coalesce(s.biology, 0) AS DEP_SDV_BIO_MNT,
    coalesce(s.paid, 0) AS TOT_DEP_SDV_MNT,
    coalesce(s.paid, 0) AS TOT_DEP_MNT
FROM mapped AS m
LEFT JOIN (
    -- The sums of the claims of the year.
    SELECT person, year(done) AS year,
        sum(round(price * quantity * rate * 0.01, 2)::DECIMAL(9, 2)) AS paid,
        sum(round(price * quantity * rate * 0.01, 2)::DECIMAL(9, 2)) FILTER (cip13 IS NOT NULL) AS pharmacy,
        sum(round(price * quantity * rate * 0.01, 2)::DECIMAL(9, 2)) FILTER (nature = 3211) AS biology
    FROM line WHERE part < 3 AND NOT for_information GROUP BY ALL
) AS s USING (person, year)
