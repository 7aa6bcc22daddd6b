-- One row per period and treatment with purchases. `pdc`: the share of the days of the period that a supply covers, each once
-- (proportion of days covered); unknown below min_purchases. `mpr`: the sum of days supplied over the days of the period, which
-- may be above 1 (medication possession ratio): no measure of adherence, shown beside it.
WITH period AS (
    SELECT pathway, subject_id, period_no, min(first_day) AS first_day, max(last_day) AS last_day
    FROM pathway_period
    GROUP BY pathway, subject_id, period_no
),
inside AS (
    SELECT
        supply.pathway,
        supply.subject_id,
        supply.period_no,
        supply.treatment_bit,
        supply.exposure_id,
        supply.days,
        supply.first_day,
        CASE WHEN supply.day_after > period.last_day THEN add_days(period.last_day, 1) ELSE supply.day_after END
            AS day_after,
        days_between(period.first_day, period.last_day) + 1 AS period_days
    FROM pathway_supply AS supply
    INNER JOIN period
        ON period.pathway = supply.pathway
        AND period.subject_id = supply.subject_id
        AND period.period_no = supply.period_no
),
reached AS (
    SELECT
        *,
        max(day_after) OVER (
            PARTITION BY pathway, subject_id, period_no, treatment_bit
            ORDER BY first_day, day_after, exposure_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_to
    FROM inside
),
fresh AS (
    SELECT
        *,
        CASE
            WHEN covered_to IS NULL OR covered_to < first_day THEN days_between(first_day, day_after)
            ELSE days_between(covered_to, day_after)
        END AS fresh_days
    FROM reached
),
summed AS (
    SELECT
        pathway,
        subject_id,
        period_no,
        treatment_bit,
        max(period_days) AS period_days,
        count(*) AS n_purchases,
        sum(days) AS days_supplied,
        sum(CASE WHEN fresh_days > 0 THEN fresh_days ELSE 0 END) AS days_covered
    FROM fresh
    GROUP BY pathway, subject_id, period_no, treatment_bit
)
SELECT
    summed.pathway,
    summed.subject_id,
    summed.period_no,
    summed.treatment_bit,
    CAST(summed.period_days AS INTEGER) AS period_days,
    CAST(summed.n_purchases AS INTEGER) AS n_purchases,
    CAST(summed.days_supplied AS INTEGER) AS days_supplied,
    CAST(summed.days_covered AS INTEGER) AS days_covered,
    CASE
        WHEN summed.n_purchases >= setting.min_purchases
            THEN CAST(summed.days_covered AS DOUBLE) / CAST(summed.period_days AS DOUBLE)
    END AS pdc,
    CAST(summed.days_supplied AS DOUBLE) / CAST(summed.period_days AS DOUBLE) AS mpr
FROM summed
INNER JOIN setting ON setting.pathway = summed.pathway
