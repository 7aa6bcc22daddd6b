SELECT
    discharge_year AS file_year,
    facility AS ETA_NUM,
    record AS RSA_NUM,
    CASE WHEN ghm LIKE '90%' THEN '0' ELSE '1' END AS VALO,
    tariff AS GHS_NUM,
    CASE WHEN slice(random, 2) % 97 = 5 THEN '1' ELSE '0' END AS FLAG_FIDES,
    CASE WHEN ghm LIKE '90%' THEN 0 ELSE 600 + 450 * least(discharged - admitted, 30) END AS MNT_GHS_AM,
    CASE WHEN ghm LIKE '90%' THEN 0 ELSE 600 + 450 * least(discharged - admitted, 30) END AS MNT_TOT_AM
FROM stay JOIN facility AS f USING (facility) WHERE NOT f.private
