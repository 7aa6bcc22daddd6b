-- One row per pathway of the release, subject and treatment that was bought in the period.
SELECT
    one.subject_id,
    one.pathway,
    treatment.treatment,
    one.period_days,
    one.n_purchases,
    one.days_supplied,
    one.days_covered,
    one.pdc,
    one.mpr
FROM adherence AS one
INNER JOIN treatment ON treatment.pathway = one.pathway AND treatment.treatment_bit = one.treatment_bit
