SELECT
    discharge_year AS file_year,
    facility AS ETA_NUM,
    record AS RSA_NUM,
    ghm AS GRG_GHM,
    CASE WHEN ghm = '90Z00Z' THEN '080' ELSE '000' END AS GRG_RET,
    -- Some stays are not paid for.
    CASE WHEN ghm = '90Z00Z' OR slice(random, 1) % 89 = 5 THEN '9999' ELSE tariff END AS GHS_NUM,
    CASE WHEN part = 2 THEN 'B' WHEN served THEN 'A' END AS SEJ_TYP,
    date_sub('year', born, admitted) AS AGE_ANN,
    CASE WHEN date_sub('year', born, admitted) < 1 THEN admitted - born END AS AGE_JOU,
    sex AS COD_SEX,
    CASE part WHEN 1 THEN '7' WHEN 2 THEN '0' ELSE '8' END AS ENT_MOD,
    CASE WHEN part = 1 THEN '1' WHEN part = 2 THEN '1'
        WHEN sessions = 0 AND slice(random, 0) < 26000 THEN '5' END AS ENT_PRV,
    lpad(month(discharged)::VARCHAR, 2, '0') AS SOR_MOI,
    year(discharged) AS SOR_ANN,
    CASE WHEN part = 2 THEN '0' WHEN transferred THEN '7' WHEN died AND part = 0 THEN '9'
        ELSE '8' END AS SOR_MOD,
    CASE WHEN part = 2 OR transferred THEN '1' END AS SOR_DES,
    CASE WHEN sessions = 0 THEN discharged - admitted END AS SEJ_NBJ,
    units AS NBR_RUM,
    '01' AS SEQ_RUM,
    sessions AS NBR_SEA,
    main AS DGN_PAL,
    related AS DGN_REL,
    concat(pmsi, lpad((100 + slice(random, 1) % 800)::VARCHAR, 3, '0')) AS BDI_COD,
    pmsi AS BDI_DEP,
    '0' AS UHCD_TOP,
    CASE WHEN ghm = '90Z00Z' THEN '1' ELSE '0' END AS TYP_GEN_RSA
FROM stay
