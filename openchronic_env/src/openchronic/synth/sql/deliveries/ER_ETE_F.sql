SELECT
    file_year,
    {claim},
    left(home_facility(l.pmsi, l.person, l.clinic), 8) AS ETB_EXE_FIN,
    CASE WHEN l.public THEN 1 WHEN l.clinic THEN 2 ELSE 0 END AS ETE_IND_TAA,
    CASE WHEN l.clinic THEN 'M' ELSE 'Z' END AS ETE_MCO_DDP,
    CASE WHEN l.clinic THEN 365 ELSE 355 END AS ETE_CAT_COD,
    CASE WHEN l.clinic THEN 2 ELSE 1 END AS PRS_PPU_SEC,
    7 AS MDT_COD
FROM flux_line AS l
WHERE l.for_information OR l.public OR l.clinic OR l.detail = 'UCD'
