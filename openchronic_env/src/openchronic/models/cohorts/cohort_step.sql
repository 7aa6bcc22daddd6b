-- One row per step of a cohort, the choice of index days first (0): the periods and the subjects that
-- are left after it, and the periods that it removed.
WITH left_after AS (
    SELECT
        told.step, told.fr, count(period.subject_id) AS n_periods,
        count(DISTINCT period.subject_id) AS n_subjects
    FROM cohort_told AS told
    LEFT JOIN (
        SELECT period.subject_id, coalesce(failed.step, 2147483647) AS failed_at
        FROM cohort_period AS period
        LEFT JOIN cohort_failed AS failed
            ON failed.subject_id = period.subject_id AND failed.period_no = period.period_no
    ) AS period
        ON period.failed_at > told.step
    GROUP BY told.step, told.fr
)
SELECT
    setting.name, left_after.step, left_after.fr, left_after.n_periods, left_after.n_subjects,
    coalesce(
        lag(left_after.n_periods) OVER (PARTITION BY setting.name ORDER BY left_after.step)
        - left_after.n_periods,
        0
    ) AS removed
FROM left_after
CROSS JOIN cohort_setting AS setting
