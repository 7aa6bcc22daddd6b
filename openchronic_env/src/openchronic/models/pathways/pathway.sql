-- One row per period of the cohort, also without a step (an empty path). `first_treatment_days`: the days of the first step.
-- `censored`: the last treatment ends within stop_days of the period's end, so that nothing tells whether it stopped.
WITH period AS (
    SELECT pathway, subject_id, period_no, max(last_day) AS last_day
    FROM pathway_period
    GROUP BY pathway, subject_id, period_no
),
treated AS (
    SELECT pathway, subject_id, period_no, max(day_after) AS day_after
    FROM pathway_run
    GROUP BY pathway, subject_id, period_no
),
named AS (
    SELECT step.pathway, step.subject_id, step.period_no, step.step, step.days, held_name.name
    FROM pathway_step AS step
    INNER JOIN held_name ON held_name.pathway = step.pathway AND held_name.held = step.held
),
path AS (
    SELECT
        pathway,
        subject_id,
        period_no,
        count(*) AS n_steps,
        max(CASE WHEN step = 1 THEN days END) AS first_treatment_days,
        {path} AS path
    FROM named
    GROUP BY pathway, subject_id, period_no
)
SELECT
    period.pathway,
    period.subject_id,
    period.period_no,
    coalesce(path.path, '') AS path,
    CAST(coalesce(path.n_steps, 0) AS INTEGER) AS n_steps,
    path.first_treatment_days,
    coalesce(days_between(treated.day_after, period.last_day) + 1 <= setting.stop_days, FALSE) AS censored
FROM period
INNER JOIN setting ON setting.pathway = period.pathway
LEFT JOIN path
    ON path.pathway = period.pathway
    AND path.subject_id = period.subject_id
    AND path.period_no = period.period_no
LEFT JOIN treated
    ON treated.pathway = period.pathway
    AND treated.subject_id = period.subject_id
    AND treated.period_no = period.period_no
