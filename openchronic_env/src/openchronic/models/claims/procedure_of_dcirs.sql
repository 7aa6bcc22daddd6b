-- The rows of procedure_detail.sql for NS_CAM_F, which counts the acts of a line (CAM_ACT_QSN);
-- where that number is missing, it is the one of the claim (PRS_ACT_QTE). Source: schema-snds
-- fe17ef83, schemas/DCIRS/NS_CAM_F.json; Documentation-SNDS, tables_affinees.
WITH act AS (
    SELECT *, ccam(CAM_PRS_IDE) AS code, act_role(CAM_ACT_COD, CAM_TRT_PHA) AS code_role
    FROM ns_cam_f
),
placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY FLX_DIS_DTD, CLE_DCI_JNT, code, code_role, CAM_ACT_QSN IS NULL
            ORDER BY CAM_SEQ_NUM NULLS LAST
        ) = 1 AS is_first
    FROM act
)
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
    'procedure' AS event_type,
    'ER_CAM_F' AS source_table,
    'CCAM' AS vocabulary,
    code,
    code_role,
    FALSE AS by_unit,
    FALSE AS units_missing,
    CASE WHEN CAM_ACT_QSN IS NOT NULL OR is_first THEN CAM_ACT_QSN ELSE 0 END AS quantity,
    CAM_ACT_QSN IS NULL AND is_first AS is_of_claim,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends
FROM placed
