SELECT
    cip13 AS PHA_CIP_C13,
    cip7 AS PHA_PRS_IDE,
    atc AS PHA_ATC_CLA,
    name AS PHA_MED_NOM,
    units AS PHA_UNT_NBR_DSES,
    large_pack AS PHA_GRD_CND,
    pack_size AS PHA_CND_TOP,
    rate AS PHA_TAU_COD,
    price AS PHA_PRI_UNI
FROM raw_drug
