-- What tables that detail claims say more of the events of their claims, one row a claim: from when to
-- when, and a role that is no part of what identifies the event. The shape, and below it those tables.
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
