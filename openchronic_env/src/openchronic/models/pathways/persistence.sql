-- One row per period and treatment that is begun in it, one per class of these, and one for all of them together: the days from
-- the first exposure to the first gap of more than stop_days without any. `stopped`: such a gap was seen; else the days are censored
-- (Kaplan-Meier) where sight ends, stop_days before the end of the period: a stop after that shows in no gap. Censored at the
-- end itself, those who go on would be counted as at risk of stops that nobody can see, and a curve would stay too high. Going
-- over to another treatment is no stop of all, nor of a class that has both, but where switch_counts: then the first step that
-- is a switch stops all that was held before it, on the day after that; a class stops where none of it goes on.
WITH covered AS (
    SELECT era.pathway, era.subject_id, era.period_no, treatment_group.place, era.first_day, era.day_after
    FROM pathway_era AS era
    INNER JOIN treatment_group
        ON treatment_group.pathway = era.pathway AND treatment_group.treatment_bit = era.treatment_bit
),
reached AS (
    SELECT
        covered.*,
        setting.stop_days,
        max(covered.day_after) OVER (
            PARTITION BY covered.pathway, covered.subject_id, covered.period_no, covered.place
            ORDER BY covered.first_day, covered.day_after
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_to
    FROM covered
    INNER JOIN setting ON setting.pathway = covered.pathway
),
counted AS (
    SELECT
        *,
        sum(CASE WHEN days_between(covered_to, first_day) > stop_days THEN 1 ELSE 0 END) OVER (
            PARTITION BY pathway, subject_id, period_no, place
            ORDER BY first_day, day_after
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS gaps
    FROM reached
),
period AS (
    SELECT pathway, subject_id, period_no, max(last_day) AS last_day
    FROM pathway_period
    GROUP BY pathway, subject_id, period_no
),
first_stretch AS (
    SELECT
        pathway,
        subject_id,
        period_no,
        place,
        min(first_day) AS first_day,
        max(CASE WHEN gaps = 0 THEN day_after END) AS day_after,
        max(gaps) > 0 AS has_gap,
        max(stop_days) AS stop_days
    FROM counted
    GROUP BY pathway, subject_id, period_no, place
),
moved AS (
    SELECT
        step.pathway,
        step.subject_id,
        step.period_no,
        step.change,
        step.held,
        lag(step.held) OVER (
            PARTITION BY step.pathway, step.subject_id, step.period_no ORDER BY step.step
        ) AS held_before,
        step.covered_to
    FROM pathway_step AS step
    INNER JOIN setting ON setting.pathway = step.pathway
    WHERE setting.switch_counts
),
named AS (
    SELECT DISTINCT pathway, place, level, name, bits FROM treatment_group
),
switched AS (
    SELECT
        stretch.pathway,
        stretch.subject_id,
        stretch.period_no,
        stretch.place,
        min(moved.covered_to) AS switched_on
    FROM first_stretch AS stretch
    INNER JOIN moved
        ON moved.pathway = stretch.pathway
        AND moved.subject_id = stretch.subject_id
        AND moved.period_no = stretch.period_no
        AND moved.change = 'switch'
    INNER JOIN named
        ON named.pathway = stretch.pathway
        AND named.place = stretch.place
        AND (named.level = 'all' OR ((moved.held_before & named.bits) <> 0 AND (moved.held & named.bits) = 0))
    GROUP BY stretch.pathway, stretch.subject_id, stretch.period_no, stretch.place
),
seen AS (
    SELECT
        stretch.*,
        CASE
            WHEN switched.switched_on <= add_days(period.last_day, -stretch.stop_days)
                AND switched.switched_on <= stretch.day_after
                THEN switched.switched_on
        END AS switched_on,
        add_days(period.last_day, -stretch.stop_days) AS last_in_sight,
        stretch.has_gap OR days_between(stretch.day_after, period.last_day) + 1 > stretch.stop_days AS stopped
    FROM first_stretch AS stretch
    INNER JOIN period
        ON period.pathway = stretch.pathway
        AND period.subject_id = stretch.subject_id
        AND period.period_no = stretch.period_no
    LEFT JOIN switched
        ON switched.pathway = stretch.pathway
        AND switched.subject_id = stretch.subject_id
        AND switched.period_no = stretch.period_no
        AND switched.place = stretch.place
)
SELECT
    seen.pathway,
    seen.subject_id,
    seen.period_no,
    seen.place,
    named.level,
    named.name,
    seen.first_day,
    CAST(
        CASE
            WHEN seen.switched_on IS NOT NULL THEN days_between(seen.first_day, seen.switched_on)
            WHEN seen.stopped THEN days_between(seen.first_day, seen.day_after)
            WHEN seen.last_in_sight > seen.first_day THEN days_between(seen.first_day, seen.last_in_sight)
            ELSE 0
        END AS INTEGER
    ) AS days,
    seen.stopped OR seen.switched_on IS NOT NULL AS stopped
FROM seen
INNER JOIN named ON named.pathway = seen.pathway AND named.place = seen.place
