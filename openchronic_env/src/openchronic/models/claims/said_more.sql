-- One row per claim and table that adds to its event: from when to when, and a role that does not
-- identify the event. First the shape, without a row; then the tables.
SELECT
    CAST(NULL AS STRING) AS event_type,
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends,
    CAST(NULL AS STRING) AS said_role
FROM claim
WHERE FALSE
{tables}
