-- One row per claim with a ride in ER_TRS_F: when the transport left and arrived, and its route, the same
-- in both directions: the département, or in alphabetical order the two that it links.
WITH postal AS (
    SELECT TRS_DEP_CDP AS code FROM er_trs_f
    UNION
    SELECT TRS_ARR_CDP AS code FROM er_trs_f
),
-- The département of a postal code, from its first figures: an office may serve communes of the next
-- département, and 978 and 977 have codes of 971. Monaco (980) counts with the territories.
town AS (
    SELECT
        code,
        CASE
            WHEN length(trim(code)) <> 5 OR NOT coalesce(
                TRY_CAST(trim(code) AS INTEGER) BETWEEN 1000 AND 98999, FALSE
            ) THEN NULL
            WHEN substr(trim(code), 1, 2) = '97' THEN substr(trim(code), 1, 3)
            WHEN substr(trim(code), 1, 3) IN ('200', '201') THEN '2A'
            WHEN substr(trim(code), 1, 3) IN ('202', '206') THEN '2B'
            ELSE substr(trim(code), 1, 2)
        END AS department
    FROM postal
)
SELECT
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    min(TRS_DTD_DTE) AS begins,
    max(TRS_DTF_DTE) AS ends,
    min(
        CASE
            WHEN origin.department = destination.department THEN origin.department
            WHEN origin.department < destination.department
                THEN origin.department || '-' || destination.department
            WHEN origin.department > destination.department
                THEN destination.department || '-' || origin.department
        END
    ) AS said_role
FROM er_trs_f AS ride
LEFT JOIN town AS origin ON origin.code = ride.TRS_DEP_CDP
LEFT JOIN town AS destination ON destination.code = ride.TRS_ARR_CDP
GROUP BY
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF
