-- One row per line of ER_PHA_F: a pack of a drug, or units of an opened one. Where no column says
-- whether a pack was opened, it was when the line has units and no pack; where a pack was opened
-- and the units are missing, the packs are counted, and the line is flagged. Source:
-- Documentation-SNDS, tables_affinees; IR_TDU_V (D, I, Z).
WITH opened AS (
    SELECT
        *,
        CASE
            WHEN upper(trim(PHA_DEC_TOP)) = 'D' THEN TRUE
            WHEN upper(trim(PHA_DEC_TOP)) IN ('', 'I') OR PHA_DEC_TOP IS NULL
                THEN coalesce(PHA_DEC_QSU, 0) <> 0 AND coalesce(PHA_ACT_QSN, 0) = 0
            ELSE FALSE
        END AS is_opened
    FROM er_pha_f
)
SELECT
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    'drug' AS event_type,
    'ER_PHA_F' AS source_table,
    CASE WHEN PHA_PRS_C13 > 0 THEN 'CIP13' WHEN PHA_PRS_IDE > 0 THEN 'CIP7' END AS vocabulary,
    CASE
        WHEN PHA_PRS_C13 > 0 THEN CAST(PHA_PRS_C13 AS STRING)
        WHEN PHA_PRS_IDE > 0 THEN lpad(CAST(PHA_PRS_IDE AS STRING), 7, '0')
    END AS code,
    'dispensed' AS code_role,
    is_opened AND coalesce(PHA_DEC_QSU, 0) <> 0 AS by_unit,
    is_opened AND coalesce(PHA_DEC_QSU, 0) = 0 AS units_missing,
    CASE
        WHEN is_opened AND PHA_DEC_QSU <> 0 THEN PHA_DEC_QSU
        -- The quantity of an opened pack is its units: the packs are not counted where the units
        -- are present.
        WHEN is_opened AND PHA_DEC_QSU IS NULL THEN nullif(PHA_ACT_QSN, 0)
        ELSE PHA_ACT_QSN
    END AS quantity,
    FALSE AS is_of_claim,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends
FROM opened
