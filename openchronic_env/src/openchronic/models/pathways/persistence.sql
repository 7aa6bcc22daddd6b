-- One row per period and treatment that is begun in it, and one for all of them together (`treatment_bit` 0): the days from the
-- first exposure to the first gap of more than stop_days without any. `stopped`: such a gap was seen; else the days are censored
-- (Kaplan-Meier) where sight ends, stop_days before the end of the period: a stop after that shows in no gap. Censored at the
-- end itself, those who go on would be counted as at risk of stops that nobody can see, and a curve would stay too high. Going
-- over to another treatment is no stop of all.
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
seen AS (
    SELECT
        stretch.*,
        add_days(period.last_day, -stretch.stop_days) AS last_in_sight,
        stretch.has_gap OR days_between(stretch.day_after, period.last_day) + 1 > stretch.stop_days AS stopped
    FROM first_stretch AS stretch
    INNER JOIN period
        ON period.pathway = stretch.pathway
        AND period.subject_id = stretch.subject_id
        AND period.period_no = stretch.period_no
)
SELECT
    pathway,
    subject_id,
    period_no,
    treatment_bit,
    first_day,
    CAST(
        CASE
            WHEN stopped THEN days_between(first_day, day_after)
            WHEN last_in_sight > first_day THEN days_between(first_day, last_in_sight)
            ELSE 0
        END AS INTEGER
    ) AS days,
    stopped
FROM seen
