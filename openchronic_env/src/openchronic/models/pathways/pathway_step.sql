-- One row per step of a pathway: the runs of a period in order, without the fragments of combinations that last less than
-- min_part_days and, by `repeats`, without those that repeat. `change` says what the step is after the one before it:
--   start    the first one, or another set of treatments after more than switch_gap_days without any
--   add      all that was held goes on, with more           drop   part of what was held goes on
--   swap     a part goes on, with something else            switch something else altogether
--   restart  the same again
-- `next_change` says what comes after it: the change of the next step (also of one beyond max_steps), or
--   stop     more than stop_days without any treatment, seen to their end
--   censored the period ends before a stop could be seen
-- Runs that are no step (a repeat, a short part) are treatment all the same: days without any count from their end too.
-- `covered_to`: the day after the last one with a treatment before the step.
WITH period AS (
    SELECT pathway, subject_id, period_no, max(last_day) AS last_day
    FROM pathway_period
    GROUP BY pathway, subject_id, period_no
),
spaced AS (
    SELECT
        run.*,
        setting.repeats,
        setting.max_steps,
        setting.switch_gap_days,
        setting.stop_days,
        setting.min_part_days,
        lag(run.day_after) OVER (
            PARTITION BY run.pathway, run.subject_id, run.period_no ORDER BY run.first_day
        ) AS covered_to
    FROM pathway_run AS run
    INNER JOIN setting ON setting.pathway = run.pathway
),
stopped AS (
    SELECT
        *,
        max(day_after) OVER (PARTITION BY pathway, subject_id, period_no) AS treated_to,
        sum(CASE WHEN days_between(covered_to, first_day) > stop_days THEN 1 ELSE 0 END) OVER (
            PARTITION BY pathway, subject_id, period_no
        ) AS all_stops,
        sum(CASE WHEN days_between(covered_to, first_day) > stop_days THEN 1 ELSE 0 END) OVER (
            PARTITION BY pathway, subject_id, period_no
            ORDER BY first_day
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS stops
    FROM spaced
),
repeated AS (
    SELECT
        *,
        lag(held) OVER (PARTITION BY pathway, subject_id, period_no ORDER BY first_day) AS held_before,
        row_number() OVER (PARTITION BY pathway, subject_id, period_no, held ORDER BY first_day) AS occurrence
    FROM stopped
    WHERE NOT is_part OR days_between(first_day, day_after) >= min_part_days
),
kept AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY pathway, subject_id, period_no ORDER BY first_day) AS step,
        lag(held) OVER (PARTITION BY pathway, subject_id, period_no ORDER BY first_day) AS last_held,
        lead(stops) OVER (PARTITION BY pathway, subject_id, period_no ORDER BY first_day) AS next_stops
    FROM repeated
    WHERE
        repeats = 'all'
        OR (repeats = 'changes' AND (held_before IS NULL OR held_before <> held))
        OR (repeats = 'first' AND occurrence = 1)
),
changed AS (
    SELECT
        *,
        CASE
            WHEN last_held IS NULL THEN 'start'
            WHEN last_held = held THEN 'restart'
            WHEN (last_held & held) = last_held THEN 'add'
            WHEN (last_held & held) = held THEN 'drop'
            WHEN (last_held & held) <> 0 THEN 'swap'
            WHEN days_between(covered_to, first_day) <= switch_gap_days THEN 'switch'
            ELSE 'start'
        END AS change
    FROM kept
),
followed AS (
    SELECT
        *,
        lead(change) OVER (PARTITION BY pathway, subject_id, period_no ORDER BY step) AS followed_by
    FROM changed
)
SELECT
    followed.pathway,
    followed.subject_id,
    followed.period_no,
    CAST(followed.step AS INTEGER) AS step,
    followed.held,
    followed.first_day,
    add_days(followed.day_after, -1) AS last_day,
    CAST(days_between(followed.first_day, followed.day_after) AS INTEGER) AS days,
    followed.covered_to,
    followed.change,
    CASE
        WHEN coalesce(followed.next_stops, followed.all_stops) > followed.stops THEN 'stop'
        WHEN followed.followed_by IS NOT NULL THEN followed.followed_by
        WHEN days_between(followed.treated_to, period.last_day) + 1 > followed.stop_days THEN 'stop'
        ELSE 'censored'
    END AS next_change
FROM followed
INNER JOIN period
    ON period.pathway = followed.pathway
    AND period.subject_id = followed.subject_id
    AND period.period_no = followed.period_no
WHERE followed.step <= followed.max_steps
