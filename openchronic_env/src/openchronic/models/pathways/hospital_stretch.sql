-- One row per subject and stretch of nights in hospital: stays that touch or overlap are one.
WITH reached AS (
    SELECT
        *,
        max(day_after) OVER (
            PARTITION BY subject_id ORDER BY first_day, day_after ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_to
    FROM hospital_stay
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
