-- One row per period and treatment with purchases, and one per class of treatments, where they have one. `pdc`: the share of the
-- days of the period that a supply covers, each once (proportion of days covered), also where several treatments of a class
-- cover it; unknown below min_purchases. `mpr`: the sum of days supplied over the same days, which may be above 1 (medication
-- possession ratio): no measure of adherence, shown beside it. Nights in hospital that are left out (`days_left_out`) are no
-- days of either: of a period that is all in hospital, both are unknown.
WITH period AS (
    SELECT pathway, subject_id, period_no, min(first_day) AS first_day, max(last_day) AS last_day
    FROM pathway_period
    GROUP BY pathway, subject_id, period_no
),
away AS (
    SELECT pathway, subject_id, period_no, sum(days_between(first_day, day_after)) AS nights
    FROM period_stretch
    GROUP BY pathway, subject_id, period_no
),
counted AS (
    SELECT
        period.pathway,
        period.subject_id,
        period.period_no,
        days_between(period.first_day, period.last_day) + 1 AS period_days,
        coalesce(away.nights, 0) AS days_left_out,
        days_between(DATE '1900-01-01', period.last_day) + 1 - coalesce(away.nights, 0) AS period_end
    FROM period
    LEFT JOIN away
        ON away.pathway = period.pathway
        AND away.subject_id = period.subject_id
        AND away.period_no = period.period_no
),
inside AS (
    SELECT
        supply.pathway,
        supply.subject_id,
        supply.period_no,
        treatment_group.place,
        supply.exposure_id,
        supply.start_date,
        supply.days,
        supply.first_day,
        CASE WHEN supply.day_after > counted.period_end THEN counted.period_end ELSE supply.day_after END AS day_after,
        counted.period_days,
        counted.days_left_out
    FROM pathway_supply AS supply
    INNER JOIN treatment_group
        ON treatment_group.pathway = supply.pathway
        AND treatment_group.treatment_bit = supply.treatment_bit
        AND treatment_group.level <> 'all'
    INNER JOIN counted
        ON counted.pathway = supply.pathway
        AND counted.subject_id = supply.subject_id
        AND counted.period_no = supply.period_no
),
reached AS (
    SELECT
        *,
        max(day_after) OVER (
            PARTITION BY pathway, subject_id, period_no, place
            ORDER BY first_day, day_after, exposure_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_to
    FROM inside
),
fresh AS (
    SELECT *, CASE WHEN covered_to > first_day THEN day_after - covered_to ELSE day_after - first_day END AS fresh_days
    FROM reached
),
summed AS (
    SELECT
        pathway,
        subject_id,
        period_no,
        place,
        max(period_days) AS period_days,
        max(days_left_out) AS days_left_out,
        count(DISTINCT start_date) AS n_purchases,
        sum(days) AS days_supplied,
        sum(CASE WHEN fresh_days > 0 THEN fresh_days ELSE 0 END) AS days_covered
    FROM fresh
    GROUP BY pathway, subject_id, period_no, place
),
named AS (
    SELECT DISTINCT pathway, place, level, name FROM treatment_group
)
SELECT
    summed.pathway,
    summed.subject_id,
    summed.period_no,
    summed.place,
    named.level,
    named.name,
    CAST(summed.period_days AS INTEGER) AS period_days,
    CAST(summed.days_left_out AS INTEGER) AS days_left_out,
    CAST(summed.n_purchases AS INTEGER) AS n_purchases,
    CAST(summed.days_supplied AS INTEGER) AS days_supplied,
    CAST(summed.days_covered AS INTEGER) AS days_covered,
    CASE
        WHEN summed.n_purchases >= setting.min_purchases AND summed.period_days > summed.days_left_out
            THEN CAST(summed.days_covered AS DOUBLE) / CAST(summed.period_days - summed.days_left_out AS DOUBLE)
    END AS pdc,
    CASE
        WHEN summed.period_days > summed.days_left_out
            THEN CAST(summed.days_supplied AS DOUBLE) / CAST(summed.period_days - summed.days_left_out AS DOUBLE)
    END AS mpr
FROM summed
INNER JOIN setting ON setting.pathway = summed.pathway
INNER JOIN named ON named.pathway = summed.pathway AND named.place = summed.place
