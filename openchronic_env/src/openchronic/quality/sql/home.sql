-- Whether patients live where their last period of residence says, and who has a period and is none.
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
