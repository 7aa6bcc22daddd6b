-- One row per subject and stretch of nights in hospital: stays of acute care, rehabilitation and psychiatry, those that touch
-- or overlap as one. The city's supply is not used then. Sessions and care by day or by night are no stay.
WITH stayed AS (
    SELECT subject_id, start_date AS first_day, end_date AS day_after
    FROM stay
    WHERE
        care_setting IN ('mco', 'ssr', 'psy')
        AND NOT coalesce(is_session, FALSE)
        AND (care_form IS NULL OR care_form = '1' OR care_form LIKE '0%')
        AND end_date > start_date
),
reached AS (
    SELECT
        *,
        max(day_after) OVER (
            PARTITION BY subject_id ORDER BY first_day, day_after ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_to
    FROM stayed
),
numbered AS (
    SELECT
        *,
        sum(CASE WHEN first_day <= reached_to THEN 0 ELSE 1 END) OVER (
            PARTITION BY subject_id ORDER BY first_day, day_after
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS stretch
    FROM reached
)
SELECT subject_id, min(first_day) AS first_day, max(day_after) AS day_after
FROM numbered
GROUP BY subject_id, stretch
