-- One row per event type and month of care, within the months that the claims cover, with the
-- months before and after. Births, deaths, their causes and ALD are left out: their dates come from
-- other sources.
WITH covered AS (
    SELECT
        year(first_day) * 12 + month(first_day) AS first_place,
        year(last_day) * 12 + month(last_day) AS last_place
    FROM care
),
placed AS (
    SELECT
        event_type, sum(n) AS n, first_place, last_place,
        year * 12 + month AS place,
        CAST(year AS VARCHAR) || '-' || lpad(CAST(month AS VARCHAR), 2, '0') AS name
    FROM event_month
    CROSS JOIN covered
    WHERE
        event_type NOT IN ('birth', 'death', 'ald', 'death_cause')
        AND year * 12 + month BETWEEN first_place AND last_place
    GROUP BY event_type, first_place, last_place, year, month
),
beside AS (
    SELECT
        *,
        lag(n) OVER by_type AS n_before,
        lead(n) OVER by_type AS n_after,
        lag(place) OVER by_type AS place_before,
        lead(place) OVER by_type AS place_after,
        min(place) OVER (PARTITION BY event_type) AS first_seen,
        max(place) OVER (PARTITION BY event_type) AS last_seen
    FROM placed
    WINDOW by_type AS (PARTITION BY event_type ORDER BY place)
)
SELECT
    event_type,
    name,
    n,
    coalesce(place_after - place - 1, 0) AS missing_after,
    -- The first and the last month are incomplete, and are not compared with.
    CASE
        WHEN place_before = place - 1 AND place_after = place + 1
            AND place_before > first_place AND place_after < last_place
            THEN (n_before + n_after) / 2.0
    END AS neighbours,
    first_seen - first_place AS months_before,
    last_place - last_seen AS months_after
FROM beside
