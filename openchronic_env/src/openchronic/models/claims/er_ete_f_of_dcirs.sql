-- One row per row of NS_PRS_F: its facility columns as ER_ETE_F would hold them, since the
-- simplified product has no such table. Source: schema-snds fe17ef83, schemas/DCIRS/NS_PRS_F.json.
SELECT
    FLX_DIS_DTD,
    FLX_DIS_DTD AS FLX_TRT_DTD,
    0 AS FLX_EMT_TYP,
    0 AS FLX_EMT_NUM,
    0 AS FLX_EMT_ORD,
    '' AS ORG_CLE_NUM,
    CLE_DCI_JNT AS DCT_ORD_NUM,
    0 AS PRS_ORD_NUM,
    0 AS REM_TYP_AFF,
    ETB_EXE_FIN,
    ETE_IND_TAA,
    ETE_MCO_DDP,
    ETE_TYP_COD,
    ETE_CAT_COD,
    ETE_GHS_NUM,
    PRS_PPU_SEC,
    MDT_COD,
    DDP_COD,
    file_year
FROM ns_prs_f
WHERE ETB_EXE_FIN IS NOT NULL OR ETE_IND_TAA IS NOT NULL
