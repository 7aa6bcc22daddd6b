-- The exposures of a bucket to the treatments of their pathway, numbered by subject.
SELECT
    dispensed.pathway,
    dispensed.subject_id,
    row_number() OVER (
        PARTITION BY dispensed.pathway, dispensed.subject_id ORDER BY treatment.treatment_bit, dispensed.start_date
    ) AS exposure_id,
    treatment.treatment_bit,
    dispensed.start_date,
    dispensed.end_date
FROM dispensed_exposure AS dispensed
INNER JOIN treatment
    ON treatment.pathway = dispensed.pathway AND treatment.treatment = dispensed.treatment
