SELECT
    act_year AS file_year,
    facility AS ETA_NUM_EPMSI,
    record AS SEJ_IDT,
    lpad(number::VARCHAR, 4, '0') AS ORD_NUM,
    local AS IPP_IRR_CRY,
    date_sub('year', born, admitted) AS AGE_ANN,
    sex AS COD_SEX,
    concat(pmsi, lpad((100 + slice(random, 1) % 800)::VARCHAR, 3, '0')) AS BDI_COD,
    pmsi AS BDI_DEP,
    year(done) AS RAL_ACT_ANN,
    month(done) AS RAL_ACT_MOI,
    'E' AS ACT_NAT,
    'L01' AS ACT_LIEU,
    'M' AS PRO_CAT,
    1 AS INT_NBR,
    icd10 AS DGN_PAL
FROM psychiatric_act
