-- One row per line of ER_CAM_F: an act of the CCAM, its activity (1 main, 4 anaesthesia) and its
-- phase. The table has no quantity: the first line of an act takes the number of acts of the claim
-- (PRS_ACT_QTE) for all lines of that act. Source: Documentation-SNDS, sas_prestation_dcir (the sum
-- of PRS_ACT_QTE).
WITH act AS (
    SELECT *, ccam(CAM_PRS_IDE) AS code, act_role(CAM_ACT_COD, CAM_TRT_PHA) AS code_role
    FROM er_cam_f
),
placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM,
                DCT_ORD_NUM, PRS_ORD_NUM, REM_TYP_AFF, code, code_role
            ORDER BY CAM_ORD_NUM NULLS LAST
        ) = 1 AS is_first
    FROM act
)
SELECT
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    'procedure' AS event_type,
    'ER_CAM_F' AS source_table,
    'CCAM' AS vocabulary,
    code,
    code_role,
    FALSE AS by_unit,
    FALSE AS units_missing,
    CASE WHEN NOT is_first THEN 0 END AS quantity,
    is_first AS is_of_claim,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends
FROM placed
