SELECT
    discharge_year AS file_year,
    facility AS ETA_NUM,
    record AS RSA_NUM,
    code AS UCD_UCD_COD,
    right(code, 7) AS UCD_COD,
    quantity AS ADM_NBR,
    price AS ADM_NBR_PRI,
    0 AS DELAI,
    lpad(month(admitted)::VARCHAR, 2, '0') AS ADM_MOIS,
    year(admitted) AS DAT_ADM_ANN
FROM costly_drug WHERE NOT private
