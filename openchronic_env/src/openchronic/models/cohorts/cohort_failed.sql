-- One row per period of a cohort that a step leaves out: the first of them.
SELECT period.subject_id, period.period_no, min(asked.step) AS step
FROM cohort_period AS period
CROSS JOIN cohort_condition AS asked
LEFT JOIN cohort_passed AS passed
    ON passed.subject_id = period.subject_id AND passed.period_no = period.period_no
    AND passed.condition_no = asked.condition_no
WHERE passed.condition_no IS NULL
GROUP BY period.subject_id, period.period_no
