-- One row per period of a cohort after its steps: the index day, the last day of the follow-up (the
-- first of those that the recipe names) and why it is that one, in the order of the recipe where
-- there are several. No follow-up is longer than the data, nor ends before it begins.
WITH stayed AS (
    SELECT period.subject_id, period.period_no, period.index_date
    FROM cohort_period AS period
    LEFT JOIN cohort_failed AS failed
        ON failed.subject_id = period.subject_id AND failed.period_no = period.period_no
    WHERE failed.step IS NULL
),
ending AS (
    SELECT stayed.*, asked.place, asked.reason, patient.death_date AS end_date
    FROM stayed
    INNER JOIN cohort_end AS asked ON asked.kind = 'death'
    INNER JOIN patient ON patient.subject_id = stayed.subject_id
    UNION ALL
    SELECT stayed.*, asked.place, asked.reason, observed.end_date
    FROM stayed
    INNER JOIN cohort_end AS asked ON asked.kind = 'end_of_observation'
    INNER JOIN observation_period AS observed
        ON observed.subject_id = stayed.subject_id
        AND stayed.index_date BETWEEN observed.start_date AND observed.end_date
    UNION ALL
    SELECT
        stayed.*, asked.place, asked.reason, coalesce(asked.day, add_days(stayed.index_date, asked.days))
    FROM stayed
    INNER JOIN cohort_end AS asked ON asked.kind IN ('days', 'day')
),
ordered AS (
    SELECT
        subject_id, period_no, index_date, reason,
        greatest(end_date, index_date) AS end_date,
        row_number() OVER (
            PARTITION BY subject_id, period_no ORDER BY greatest(end_date, index_date), place
        ) AS place
    FROM ending
    WHERE end_date IS NOT NULL
)
SELECT
    setting.name, ordered.subject_id,
    row_number() OVER (PARTITION BY ordered.subject_id ORDER BY ordered.period_no) AS period_no,
    ordered.index_date, ordered.end_date, ordered.reason AS end_reason
FROM ordered
CROSS JOIN cohort_setting AS setting
WHERE ordered.place = 1
