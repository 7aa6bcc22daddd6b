-- One row per step of a pathway: the runs of a period in order, without the fragments of combinations that last less than
-- min_part_days and, by `repeats`, without those that repeat. `change` says what the step is after the one before it:
--   start    the first one, or another set of treatments after more than switch_gap_days without any
--   add      all that was held goes on, with more           drop   part of what was held goes on
--   swap     a part goes on, with something else            switch something else altogether
--   restart  the same again
WITH long_enough AS (
    SELECT
        run.*,
        setting.repeats,
        setting.max_steps,
        setting.switch_gap_days
    FROM pathway_run AS run
    INNER JOIN setting ON setting.pathway = run.pathway
    WHERE NOT run.is_part OR days_between(run.first_day, run.day_after) >= setting.min_part_days
),
repeated AS (
    SELECT
        *,
        lag(held) OVER (PARTITION BY pathway, subject_id, period_no ORDER BY first_day) AS held_before,
        row_number() OVER (PARTITION BY pathway, subject_id, period_no, held ORDER BY first_day) AS occurrence
    FROM long_enough
),
kept AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY pathway, subject_id, period_no ORDER BY first_day) AS step,
        lag(held) OVER (PARTITION BY pathway, subject_id, period_no ORDER BY first_day) AS last_held,
        lag(day_after) OVER (PARTITION BY pathway, subject_id, period_no ORDER BY first_day) AS last_day_after
    FROM repeated
    WHERE
        repeats = 'all'
        OR (repeats = 'changes' AND (held_before IS NULL OR held_before <> held))
        OR (repeats = 'first' AND occurrence = 1)
)
SELECT
    pathway,
    subject_id,
    period_no,
    CAST(step AS INTEGER) AS step,
    held,
    first_day,
    add_days(day_after, -1) AS last_day,
    CAST(days_between(first_day, day_after) AS INTEGER) AS days,
    CASE
        WHEN last_held IS NULL THEN 'start'
        WHEN last_held = held THEN 'restart'
        WHEN (last_held & held) = last_held THEN 'add'
        WHEN (last_held & held) = held THEN 'drop'
        WHEN (last_held & held) <> 0 THEN 'swap'
        WHEN days_between(last_day_after, first_day) <= switch_gap_days THEN 'switch'
        ELSE 'start'
    END AS change
FROM kept
WHERE step <= max_steps
