-- One row per exposure that begins in a period and lasts long enough. Where a pathway joins the periods of a subject, an
-- exposure that begins in several of them is taken once, in the one that ends last. Finding that one by the periods and not by
-- the exposures taken spares a comparison of all rows, and on Spark another deal of them.
WITH apart AS (
    SELECT
        period.pathway,
        period.subject_id,
        period.period_no,
        period.first_day,
        period.last_day,
        setting.clip,
        setting.min_exposure_days,
        setting.joins_periods,
        -- Periods that end later hold each day from here on.
        min(period.first_day) OVER (
            PARTITION BY period.pathway, period.subject_id
            ORDER BY period.last_day DESC, period.first_day, period.period_no
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS others_from
    FROM pathway_period AS period
    INNER JOIN setting ON setting.pathway = period.pathway
)
SELECT
    period.pathway,
    period.subject_id,
    period.period_no,
    exposure.treatment_bit,
    exposure.exposure_id,
    exposure.start_date,
    CASE WHEN period.clip AND exposure.end_date > period.last_day THEN period.last_day ELSE exposure.end_date END
        AS end_date
FROM apart AS period
INNER JOIN exposure
    ON exposure.pathway = period.pathway
    AND exposure.subject_id = period.subject_id
    AND exposure.start_date BETWEEN period.first_day AND period.last_day
WHERE
    days_between(exposure.start_date, exposure.end_date) + 1 >= period.min_exposure_days
    AND (NOT period.joins_periods OR period.others_from IS NULL OR exposure.start_date < period.others_from)
