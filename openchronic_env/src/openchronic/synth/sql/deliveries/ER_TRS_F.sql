SELECT
    file_year,
    {claim},
    1 AS {number},
    CASE WHEN undated THEN DATE '1600-01-01' ELSE done END AS TRS_DTD_DTE,
    CASE WHEN undated THEN DATE '1600-01-01' ELSE done END AS TRS_DTF_DTE,
    leaves_from AS TRS_DEP_CDP,
    arrives_at AS TRS_ARR_CDP
FROM {lines}
-- A cancellation does not repeat the ride.
WHERE part IN (0, 2) AND is_ride(nature)
