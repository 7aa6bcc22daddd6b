SELECT
    file_year,
    FLX_DIS_DTD,
    FLX_TRT_DTD,
    FLX_EMT_TYP,
    FLX_EMT_NUM,
    FLX_EMT_ORD,
    ORG_CLE_NUM,
    DCT_ORD_NUM,
    PRS_ORD_NUM,
    REM_TYP_AFF,
    1 AS ITR_ORD_NUM,
    CASE WHEN undated THEN DATE '1600-01-01' ELSE done END AS TRS_DTD_DTE,
    CASE WHEN undated THEN DATE '1600-01-01' ELSE done END AS TRS_DTF_DTE,
    leaves_from AS TRS_DEP_CDP,
    arrives_at AS TRS_ARR_CDP
FROM flux_line
-- A cancellation does not repeat the ride.
WHERE part IN (0, 2) AND is_ride(nature)
