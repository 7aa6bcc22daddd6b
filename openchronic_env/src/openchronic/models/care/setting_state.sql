-- One row per month of a period: the state of most of its days, the first of these of as many. Each day has the first that
-- holds: dead (death), in a stay of acute care (mco), rehabilitation (ssr), hospital at home (had) or psychiatry (psy); else
-- at home (home). Sessions and care by day or by night are no stay.
WITH away AS (
    SELECT
        subject_id,
        CASE care_setting WHEN 'mco' THEN 2 WHEN 'ssr' THEN 3 WHEN 'had' THEN 4 ELSE 5 END AS place,
        start_date AS first_day,
        add_days(coalesce(end_date, last_seen_date, start_date), 1) AS day_after
    FROM stay
    WHERE NOT coalesce(is_session, FALSE) AND (care_form IS NULL OR care_form = '1' OR care_form LIKE '0%')
    UNION ALL
    SELECT subject_id, 1 AS place, death_date AS first_day, DATE '9999-12-31' AS day_after
    FROM patient
    WHERE death_date IS NOT NULL
),
touched AS (
    SELECT
        month.subject_id,
        month.period_no,
        month.month_no,
        away.place,
        CASE WHEN away.first_day < month.first_day THEN month.first_day ELSE away.first_day END AS first_day,
        CASE WHEN away.day_after > month.day_after THEN month.day_after ELSE away.day_after END AS day_after
    FROM care_month AS month
    INNER JOIN away
        ON away.subject_id = month.subject_id
        AND away.first_day < month.day_after
        AND away.day_after > month.first_day
    UNION ALL
    SELECT subject_id, period_no, month_no, 6 AS place, first_day, day_after
    FROM care_month
),
boundary AS (
    SELECT subject_id, period_no, month_no, first_day AS day FROM touched
    UNION
    SELECT subject_id, period_no, month_no, day_after AS day FROM touched
),
slice AS (
    SELECT
        subject_id,
        period_no,
        month_no,
        day AS first_day,
        lead(day) OVER (PARTITION BY subject_id, period_no, month_no ORDER BY day) AS day_after
    FROM boundary
),
settled AS (
    SELECT
        slice.subject_id,
        slice.period_no,
        slice.month_no,
        slice.first_day,
        max(days_between(slice.first_day, slice.day_after)) AS days,
        min(touched.place) AS place
    FROM slice
    INNER JOIN touched
        ON touched.subject_id = slice.subject_id
        AND touched.period_no = slice.period_no
        AND touched.month_no = slice.month_no
        AND touched.first_day <= slice.first_day
        AND touched.day_after >= slice.day_after
    GROUP BY slice.subject_id, slice.period_no, slice.month_no, slice.first_day
),
summed AS (
    SELECT subject_id, period_no, month_no, place, sum(days) AS days
    FROM settled
    GROUP BY subject_id, period_no, month_no, place
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY subject_id, period_no, month_no ORDER BY days DESC, place) AS rank_of_month
    FROM summed
)
SELECT
    subject_id,
    period_no,
    CAST(month_no AS INTEGER) AS month_no,
    CASE place
        WHEN 1 THEN 'death'
        WHEN 2 THEN 'mco'
        WHEN 3 THEN 'ssr'
        WHEN 4 THEN 'had'
        WHEN 5 THEN 'psy'
        ELSE 'home'
    END AS state
FROM ranked
WHERE rank_of_month = 1
