-- One row per exposure that begins in the period of a pathway of the release.
SELECT
    one.subject_id,
    one.pathway,
    treatment.treatment,
    one.start_date,
    one.end_date
FROM pathway_purchase AS one
INNER JOIN treatment ON treatment.pathway = one.pathway AND treatment.treatment_bit = one.treatment_bit
