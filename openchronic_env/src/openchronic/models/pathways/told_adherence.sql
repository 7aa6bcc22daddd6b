-- One row per pathway of the release, subject and treatment that was bought in the period, and one per class of these.
SELECT
    subject_id,
    pathway,
    level,
    name AS treatment,
    period_days,
    days_left_out,
    n_purchases,
    days_supplied,
    days_covered,
    pdc,
    mpr
FROM adherence
