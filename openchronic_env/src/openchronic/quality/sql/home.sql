-- One row of counts: patients whose residence differs from their last period, and periods whose
-- subject is no patient.
SELECT
    count(*) AS n,
    count(*) FILTER (
        WHERE patient.subject_id IS NULL
        OR patient.residence_department IS DISTINCT FROM home.department
        OR patient.residence_commune IS DISTINCT FROM home.commune
    ) AS n_differing
FROM patient
FULL JOIN (
    SELECT subject_id, department, commune FROM residence WHERE end_date IS NULL
) AS home ON home.subject_id = patient.subject_id
