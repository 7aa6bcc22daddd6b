-- One row per pair of nodes of which one directly follows the other (directly-follows graph), with START before the first
-- contact of a period and END after its last one. `median_days`: from the first day of the last fact of one to the first day
-- of the other; from the first day of the period to the first contact, and from the last one to its last day.
WITH after_start AS (
    SELECT
        period.subject_id,
        period.period_no,
        'START' AS source,
        coalesce(step.node, 'END') AS target,
        days_between(period.start_date, coalesce(step.first_day, period.end_date)) AS days
    FROM care_period AS period
    LEFT JOIN care_step AS step
        ON step.subject_id = period.subject_id AND step.period_no = period.period_no AND step.step = 1
),
followed AS (
    SELECT
        subject_id,
        period_no,
        node AS source,
        last_start,
        lead(node) OVER (PARTITION BY subject_id, period_no ORDER BY step) AS target,
        lead(first_day) OVER (PARTITION BY subject_id, period_no ORDER BY step) AS reached_on
    FROM care_step
),
edge AS (
    SELECT subject_id, source, target, days FROM after_start
    UNION ALL
    SELECT
        followed.subject_id,
        followed.source,
        coalesce(followed.target, 'END') AS target,
        days_between(followed.last_start, coalesce(followed.reached_on, period.end_date)) AS days
    FROM followed
    INNER JOIN care_period AS period
        ON period.subject_id = followed.subject_id AND period.period_no = followed.period_no
)
SELECT
    source,
    target,
    count(*) AS n,
    count(DISTINCT subject_id) AS n_subjects,
    CAST(median(days) AS DOUBLE) AS median_days
FROM edge
GROUP BY source, target
