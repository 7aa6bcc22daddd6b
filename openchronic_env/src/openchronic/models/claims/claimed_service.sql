-- One row per claim that is an event by itself: its nature of service is in `service_event`, and
-- its profession is the one asked for there, or is not known. What its details add (`said_more`)
-- is one row per claim, and never multiplies it.
SELECT
    service_event.event_type,
    'ER_PRS_F' AS source_table,
    'PRS_NAT' AS vocabulary,
    CAST(claim.PRS_NAT_REF AS STRING) AS code,
    CAST(NULL AS STRING) AS code_role,
    FALSE AS by_unit,
    FALSE AS units_missing,
    claim.PRS_ACT_QTE AS quantity,
    FALSE AS is_of_claim,
    claim.key_place > 1 AS is_conflict,
    coalesce(more.begins, claim.EXE_SOI_DTD) AS begins,
    CASE WHEN more.begins IS NULL THEN claim.EXE_SOI_DTF ELSE more.ends END AS ends,
    more.said_role,
    service_event.is_emergency,
    claim.*
FROM claim
INNER JOIN service_event
    ON service_event.code = claim.PRS_NAT_REF
    -- 0 and 99 mean that the profession is not known (IR_ACT_V).
    AND coalesce(service_event.profession = claim.PSE_ACT_NAT OR claim.PSE_ACT_NAT IN (0, 99), TRUE)
LEFT JOIN said_more AS more
    ON more.event_type = service_event.event_type
    AND more.FLX_DIS_DTD = claim.FLX_DIS_DTD AND more.FLX_TRT_DTD = claim.FLX_TRT_DTD
    AND more.FLX_EMT_TYP = claim.FLX_EMT_TYP AND more.FLX_EMT_NUM = claim.FLX_EMT_NUM
    AND more.FLX_EMT_ORD = claim.FLX_EMT_ORD AND more.ORG_CLE_NUM = claim.ORG_CLE_NUM
    AND more.DCT_ORD_NUM = claim.DCT_ORD_NUM AND more.PRS_ORD_NUM = claim.PRS_ORD_NUM
    AND more.REM_TYP_AFF = claim.REM_TYP_AFF
