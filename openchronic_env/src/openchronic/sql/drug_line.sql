-- One month of ER_PHA_F, each line with what its claim says of it.
SELECT
    claim.subject_id,
    claim.care_date,
    claim.is_fictive,
    claim.DPN_QLF,
    claim.PRS_DPN_QLP,
    claim.CPL_MAJ_TOP,
    claim.CPL_AFF_COD,
    claim.PRS_NAT_REF,
    claim.BSE_PRS_NAT,
    claim.ETE_IND_TAA,
    claim.ETE_MCO_DDP,
    claim.PFS_EXE_NUM,
    claim.PFS_PRE_NUM,
    claim.PSP_SPE_COD,
    claim.FLX_DIS_DTD AS known_date,
    claim.FLX_DIS_DTD IS NULL AS is_orphan,
    CASE
        WHEN pha.PHA_PRS_C13 > 0 THEN 'CIP13'
        WHEN pha.PHA_PRS_IDE > 0 THEN 'CIP7'
    END AS vocabulary,
    CASE
        WHEN pha.PHA_PRS_C13 > 0 THEN CAST(pha.PHA_PRS_C13 AS VARCHAR)
        WHEN pha.PHA_PRS_IDE > 0 THEN lpad(CAST(pha.PHA_PRS_IDE AS VARCHAR), 7, '0')
    END AS code,
    coalesce(pha.PHA_DEC_TOP = 'D', FALSE) AS by_unit,
    CASE WHEN pha.PHA_DEC_TOP = 'D' THEN pha.PHA_DEC_QSU ELSE pha.PHA_ACT_QSN END AS quantity
FROM er_pha_f AS pha
LEFT JOIN claim
    ON claim.FLX_DIS_DTD = pha.FLX_DIS_DTD AND claim.FLX_TRT_DTD = pha.FLX_TRT_DTD
    AND claim.FLX_EMT_TYP = pha.FLX_EMT_TYP AND claim.FLX_EMT_NUM = pha.FLX_EMT_NUM
    AND claim.FLX_EMT_ORD = pha.FLX_EMT_ORD AND claim.ORG_CLE_NUM = pha.ORG_CLE_NUM
    AND claim.DCT_ORD_NUM = pha.DCT_ORD_NUM AND claim.PRS_ORD_NUM = pha.PRS_ORD_NUM
    AND claim.REM_TYP_AFF = pha.REM_TYP_AFF
