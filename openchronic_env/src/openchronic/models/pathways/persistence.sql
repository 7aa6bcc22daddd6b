-- One row per period and treatment that is begun in it, and one for all of them together (`treatment_bit` 0): the days from the
-- first exposure to the first gap of more than stop_days without any. `stopped`: such a gap was seen; else the days are censored
-- (Kaplan-Meier) where sight ends, stop_days before the end of the period: a stop after that shows in no gap. Censored at the
-- end itself, those who go on would be counted as at risk of stops that nobody can see, and a curve would stay too high. Going
-- over to another treatment is no stop of all, but where switch_counts: then the first step that is a switch stops all that was
-- held before it, on the day after that.
WITH covered AS (
    SELECT pathway, subject_id, period_no, treatment_bit, first_day, day_after FROM pathway_era
    UNION ALL
    SELECT pathway, subject_id, period_no, CAST(0 AS BIGINT) AS treatment_bit, first_day, day_after FROM pathway_era
),
reached AS (
    SELECT
        covered.*,
        setting.stop_days,
        max(covered.day_after) OVER (
            PARTITION BY covered.pathway, covered.subject_id, covered.period_no, covered.treatment_bit
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
            PARTITION BY pathway, subject_id, period_no, treatment_bit
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
        treatment_bit,
        min(first_day) AS first_day,
        max(CASE WHEN gaps = 0 THEN day_after END) AS day_after,
        max(gaps) > 0 AS has_gap,
        max(stop_days) AS stop_days
    FROM counted
    GROUP BY pathway, subject_id, period_no, treatment_bit
),
moved AS (
    SELECT
        step.pathway,
        step.subject_id,
        step.period_no,
        step.change,
        lag(step.held) OVER (
            PARTITION BY step.pathway, step.subject_id, step.period_no ORDER BY step.step
        ) AS held_before,
        lag(step.last_day) OVER (
            PARTITION BY step.pathway, step.subject_id, step.period_no ORDER BY step.step
        ) AS last_day_before
    FROM pathway_step AS step
    INNER JOIN setting ON setting.pathway = step.pathway
    WHERE setting.switch_counts
),
switched AS (
    SELECT
        stretch.pathway,
        stretch.subject_id,
        stretch.period_no,
        stretch.treatment_bit,
        add_days(min(moved.last_day_before), 1) AS switched_on
    FROM first_stretch AS stretch
    INNER JOIN moved
        ON moved.pathway = stretch.pathway
        AND moved.subject_id = stretch.subject_id
        AND moved.period_no = stretch.period_no
        AND moved.change = 'switch'
        AND (stretch.treatment_bit = 0 OR (moved.held_before & stretch.treatment_bit) <> 0)
    GROUP BY stretch.pathway, stretch.subject_id, stretch.period_no, stretch.treatment_bit
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
        AND switched.treatment_bit = stretch.treatment_bit
)
SELECT
    pathway,
    subject_id,
    period_no,
    treatment_bit,
    first_day,
    CAST(
        CASE
            WHEN switched_on IS NOT NULL THEN days_between(first_day, switched_on)
            WHEN stopped THEN days_between(first_day, day_after)
            WHEN last_in_sight > first_day THEN days_between(first_day, last_in_sight)
            ELSE 0
        END AS INTEGER
    ) AS days,
    stopped OR switched_on IS NOT NULL AS stopped
FROM seen
