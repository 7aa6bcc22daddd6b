-- One row per claim that is an event by itself: its nature of service is in `service_event`, and
-- its profession is the one asked for there, or is not known.
WITH ride AS (
    SELECT
        *,
        postal_department(TRS_DEP_CDP) AS from_department,
        postal_department(TRS_ARR_CDP) AS to_department
    FROM er_trs_f
),
-- A claim may have several rides: they make one row, and never multiply it. A route is the same in
-- both directions: the departments of both ends in alphabetical order.
transport AS (
    SELECT
        FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
        PRS_ORD_NUM, REM_TYP_AFF,
        min(TRS_DTD_DTE) AS departed,
        max(TRS_DTF_DTE) AS arrived,
        min(
            CASE
                WHEN from_department = to_department THEN from_department
                WHEN from_department < to_department THEN from_department || '-' || to_department
                WHEN from_department > to_department THEN to_department || '-' || from_department
            END
        ) AS route
    FROM ride
    GROUP BY
        FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
        PRS_ORD_NUM, REM_TYP_AFF
)
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
    coalesce(transport.departed, claim.EXE_SOI_DTD) AS begins,
    CASE WHEN transport.departed IS NULL THEN claim.EXE_SOI_DTF ELSE transport.arrived END AS ends,
    transport.route,
    service_event.is_emergency,
    claim.*
FROM claim
INNER JOIN service_event
    ON service_event.code = claim.PRS_NAT_REF
    -- 0 and 99 mean that the profession is not known (IR_ACT_V).
    AND coalesce(service_event.profession = claim.PSE_ACT_NAT OR claim.PSE_ACT_NAT IN (0, 99), TRUE)
LEFT JOIN transport
    ON service_event.event_type = 'transport'
    AND transport.FLX_DIS_DTD = claim.FLX_DIS_DTD AND transport.FLX_TRT_DTD = claim.FLX_TRT_DTD
    AND transport.FLX_EMT_TYP = claim.FLX_EMT_TYP AND transport.FLX_EMT_NUM = claim.FLX_EMT_NUM
    AND transport.FLX_EMT_ORD = claim.FLX_EMT_ORD AND transport.ORG_CLE_NUM = claim.ORG_CLE_NUM
    AND transport.DCT_ORD_NUM = claim.DCT_ORD_NUM AND transport.PRS_ORD_NUM = claim.PRS_ORD_NUM
    AND transport.REM_TYP_AFF = claim.REM_TYP_AFF
