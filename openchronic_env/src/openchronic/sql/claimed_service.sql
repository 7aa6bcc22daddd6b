-- Claims that are an event by themselves: their nature of service is one of `service_event`, and
-- another profession than the one that it asks for is not known of.
SELECT
    service_event.event_type,
    'ER_PRS_F' AS source_table,
    'PRS_NAT' AS vocabulary,
    CAST(claim.PRS_NAT_REF AS STRING) AS code,
    CAST(NULL AS STRING) AS code_role,
    FALSE AS by_unit,
    claim.PRS_ACT_QTE AS quantity,
    FALSE AS takes_sign_of_claim,
    claim.EXE_SOI_DTD AS begins,
    claim.EXE_SOI_DTF AS ends,
    claim.*
FROM claim
INNER JOIN service_event
    ON service_event.code = claim.PRS_NAT_REF
    -- 0 and 99 say that the profession is not known (IR_ACT_V).
    AND coalesce(service_event.profession = claim.PSE_ACT_NAT OR claim.PSE_ACT_NAT IN (0, 99), TRUE)
