-- One row per exposure that begins in a period and lasts long enough. Where a pathway joins the periods of a subject, an
-- exposure that begins in several of them is taken once.
WITH taken AS (
    SELECT
        period.pathway,
        period.subject_id,
        period.period_no,
        exposure.treatment_bit,
        exposure.exposure_id,
        exposure.start_date,
        CASE WHEN setting.clip AND exposure.end_date > period.last_day THEN period.last_day ELSE exposure.end_date END
            AS end_date,
        setting.joins_periods
    FROM pathway_period AS period
    INNER JOIN setting ON setting.pathway = period.pathway
    INNER JOIN exposure
        ON exposure.pathway = period.pathway
        AND exposure.subject_id = period.subject_id
        AND exposure.start_date BETWEEN period.first_day AND period.last_day
    WHERE days_between(exposure.start_date, exposure.end_date) + 1 >= setting.min_exposure_days
)
SELECT pathway, subject_id, period_no, treatment_bit, exposure_id, start_date, end_date
FROM taken
WHERE NOT joins_periods
UNION ALL
SELECT DISTINCT pathway, subject_id, period_no, treatment_bit, exposure_id, start_date, end_date
FROM taken
WHERE joins_periods
