SELECT
    discharge_year AS file_year,
    facility AS ETA_NUM,
    record AS RSA_NUM,
    code AS UCD_UCD_COD,
    right(code, 7) AS COD_UCD,
    quantity AS QUA_COD,
    price AS ACH_PRI,
    1 AS COE_TAU,
    price * quantity AS FAC_TOT,
    0 AS DEL_DAT_ENT
FROM costly_drug WHERE private
