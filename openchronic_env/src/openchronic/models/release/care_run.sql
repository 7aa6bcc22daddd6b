-- One row per run of care of a subject of one bucket, within the days that the claims cover: care
-- at most 548 days apart is one run (see observation_period.sql). An ALD shows that the fund knows
-- the subject. A cancelled claim is no care: the lines of a day are summed.
WITH covered AS (
    SELECT min(first_care) AS first_care, max(last_care) AS last_care FROM care_window
),
seen AS (
    SELECT
        subject_id,
        start_date,
        CASE WHEN event_type = 'stay' THEN greatest(start_date, end_date) ELSE start_date END
            AS end_date
    FROM event
    WHERE event_type NOT IN ('birth', 'death', 'death_cause')
    UNION ALL
    -- Stays without an end last until the subject was last recorded there.
    SELECT
        event.subject_id, event.start_date,
        greatest(event.start_date, open_stay.last_seen_date) AS end_date
    FROM event
    INNER JOIN open_stay ON open_stay.stay_id = event.stay_id
    WHERE event.event_type = 'stay'
    UNION ALL
    SELECT subject_id, start_date, start_date AS end_date
    FROM cost_line
    GROUP BY subject_id, start_date
    HAVING sum(billed) > 0
),
clipped AS (
    SELECT
        seen.subject_id,
        greatest(seen.start_date, covered.first_care) AS start_date,
        least(seen.end_date, covered.last_care) AS end_date
    FROM seen
    CROSS JOIN covered
    WHERE seen.end_date >= covered.first_care AND seen.start_date <= covered.last_care
),
-- Care that begins within one month is of one run: few rows are put in order.
monthly AS (
    SELECT subject_id, min(start_date) AS start_date, max(end_date) AS end_date
    FROM clipped
    GROUP BY subject_id, year(start_date), month(start_date)
),
reached AS (
    SELECT
        *,
        max(end_date) OVER (
            PARTITION BY subject_id ORDER BY start_date, end_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS until_date
    FROM monthly
),
numbered AS (
    SELECT
        *,
        sum(CASE WHEN days_between(until_date, start_date) <= 548 THEN 0 ELSE 1 END) OVER (
            PARTITION BY subject_id ORDER BY start_date, end_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM reached
)
SELECT subject_id, min(start_date) AS first_day, max(end_date) AS last_day
FROM numbered
GROUP BY subject_id, run
