-- One row per period and stretch of nights in hospital, as far as it is in the period: where a pathway leaves them out of
-- adherence (hospital_days = extend).
WITH period AS (
    SELECT pathway, subject_id, period_no, min(first_day) AS first_day, max(last_day) AS last_day
    FROM pathway_period
    GROUP BY pathway, subject_id, period_no
)
SELECT
    period.pathway,
    period.subject_id,
    period.period_no,
    CASE WHEN stretch.first_day < period.first_day THEN period.first_day ELSE stretch.first_day END AS first_day,
    CASE WHEN stretch.day_after > period.last_day THEN add_days(period.last_day, 1) ELSE stretch.day_after END
        AS day_after
FROM period
INNER JOIN setting ON setting.pathway = period.pathway AND setting.hospital_days = 'extend'
INNER JOIN hospital_stretch AS stretch
    ON stretch.subject_id = period.subject_id
    AND stretch.first_day <= period.last_day
    AND stretch.day_after > period.first_day
