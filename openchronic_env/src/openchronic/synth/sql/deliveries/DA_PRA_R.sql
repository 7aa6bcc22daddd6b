SELECT
    year AS file_year,
    year AS DTE_ANN_TRT,
    12 AS DTE_MOI_FIN,
    practice AS PFS_PFS_NUM,
    practice AS STA_PFS_NUM,
    CASE WHEN right(practice, 1) < '3' THEN '22' ELSE '01' END AS PFS_PRA_SPE,
    department AS PFS_COD_POS
FROM practice
