-- Exposures, and the nights in hospital that begin within one or on the day after it: those are days of the treatment too.
SELECT pathway, subject_id, treatment, start_date, end_date
FROM dispensed_exposure
UNION ALL
SELECT DISTINCT
    one.pathway,
    one.subject_id,
    one.treatment,
    stretch.first_day AS start_date,
    add_days(stretch.day_after, -1) AS end_date
FROM dispensed_exposure AS one
INNER JOIN hospital_stretch AS stretch
    ON stretch.subject_id = one.subject_id
    AND stretch.first_day BETWEEN one.start_date AND add_days(one.end_date, 1)
