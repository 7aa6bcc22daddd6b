-- One row per line of one month of ER_PRS_F, with its subject and the facility that ER_ETE_F gives.
-- A line may have several rows in ER_ETE_F: it is public (1) or of a stay if one of them is, and
-- they never multiply it.
WITH facility AS (
    SELECT
        FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
        PRS_ORD_NUM, REM_TYP_AFF,
        coalesce(max(CASE WHEN ETE_IND_TAA = 1 THEN 1 END), max(ETE_IND_TAA)) AS ETE_IND_TAA,
        coalesce(
            min(CASE WHEN ETE_MCO_DDP NOT IN ('Z', 'X') THEN ETE_MCO_DDP END), min(ETE_MCO_DDP)
        ) AS ETE_MCO_DDP,
        -- 1 public, 2 private (IR_PPU_V).
        min(PRS_PPU_SEC) AS sector,
        -- Of several facilities the hospital is kept, of several hospitals the first number.
        coalesce(
            min(CASE WHEN ETE_IND_TAA IN (1, 2) THEN ETB_EXE_FIN END), min(ETB_EXE_FIN)
        ) AS ETB_EXE_FIN
    FROM er_ete_f
    GROUP BY
        FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
        PRS_ORD_NUM, REM_TYP_AFF
)
SELECT
    prs.FLX_DIS_DTD, prs.FLX_TRT_DTD, prs.FLX_EMT_TYP, prs.FLX_EMT_NUM, prs.FLX_EMT_ORD,
    prs.ORG_CLE_NUM, prs.DCT_ORD_NUM, prs.PRS_ORD_NUM, prs.REM_TYP_AFF,
    prs.is_of_several, prs.key_place, prs.acts,
    -- Of the other columns those that are read later, since all claims are carried.
    prs.BEN_NAI_ANN, prs.BEN_DCD_DTE, prs.BEN_DCD_AME, prs.BEN_RES_DPT, prs.BEN_RES_COM,
    prs.ORG_AFF_BEN, prs.EXE_SOI_DTD, prs.EXE_SOI_DTF, prs.PRS_NAT_REF, prs.BSE_PRS_NAT,
    prs.CPL_MAJ_TOP, prs.CPL_AFF_COD, prs.PRS_ACT_QTE, prs.PRS_PAI_MNT, prs.BSE_REM_BSE,
    prs.BSE_REM_MNT, prs.CPL_REM_MNT, prs.EXO_MTF, prs.DPN_QLF, prs.PRS_DPN_QLP,
    prs.PSE_SPE_COD, prs.PSE_ACT_NAT, prs.PFS_EXE_NUM, prs.PSP_SPE_COD, prs.PFS_PRE_NUM,
    prs.EXE_SOI_DTD AS care_date,
    facility.ETE_IND_TAA,
    facility.ETE_MCO_DDP,
    facility.ETB_EXE_FIN AS facility_id,
    -- A facility is a hospital if it is paid by activity (T2A) or has a field of hospital care; a
    -- health centre has a facility number too, and is city care.
    CASE
        WHEN facility.ETE_IND_TAA = 1 THEN 'public_hospital'
        WHEN facility.ETE_IND_TAA = 2 THEN 'private_clinic'
        WHEN facility.ETE_MCO_DDP NOT IN ('Z', 'X') AND facility.sector = 1 THEN 'public_hospital'
        WHEN facility.ETE_MCO_DDP NOT IN ('Z', 'X') THEN 'private_clinic'
        ELSE 'city'
    END AS care_setting,
    subject.subject_id,
    coalesce(
        coalesce(pair.nir_kind, lpad(prs.BEN_CDI_NIR, 2, '0')) IN (SELECT code FROM fictive_nir),
        FALSE
    )
    -- The scheme code of fictive numbers (IR_RGM_V).
    OR coalesce(prs.RGM_GRG_COD = 1 AND prs.RGM_COD = 888, FALSE) AS is_fictive
FROM er_prs_f AS prs
LEFT JOIN facility
    ON facility.FLX_DIS_DTD = prs.FLX_DIS_DTD AND facility.FLX_TRT_DTD = prs.FLX_TRT_DTD
    AND facility.FLX_EMT_TYP = prs.FLX_EMT_TYP AND facility.FLX_EMT_NUM = prs.FLX_EMT_NUM
    AND facility.FLX_EMT_ORD = prs.FLX_EMT_ORD AND facility.ORG_CLE_NUM = prs.ORG_CLE_NUM
    AND facility.DCT_ORD_NUM = prs.DCT_ORD_NUM AND facility.PRS_ORD_NUM = prs.PRS_ORD_NUM
    AND facility.REM_TYP_AFF = prs.REM_TYP_AFF
LEFT JOIN known_pair AS pair
    ON pair.BEN_NIR_PSA = prs.BEN_NIR_PSA
    AND pair.BEN_RNG_GEM = coalesce(prs.BEN_RNG_GEM, -1)
LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_left_out
