SELECT year AS file_year,
    facility AS ETA_NUM,
    left(facility, 8) AS ETB_EXE_FIN,
    concat('ETABLISSEMENT FICTIF ', facility) AS SOC_RAI,
    CASE WHEN private THEN 'OQN' ELSE 'STC' END AS STA_ETA,
    '99' AS REG_ETA
FROM facility CROSS JOIN year
