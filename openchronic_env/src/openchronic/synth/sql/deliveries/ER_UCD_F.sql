SELECT
    file_year,
    {claim},
    1 AS {number}{more},
    l.code AS UCD_UCD_COD,
    l.quantity AS UCD_DLV_NBR,
    0 AS UCD_TOP_UCD,
    l.price AS UCD_TTF_MNT,
    l.price AS UCD_FAC_PRU,
    1 AS UCD_FRC_COE
FROM {lines} AS l
WHERE l.part < 3 AND l.detail = 'UCD'
