-- One row per subject of the previous release, with the outcome in this one. Both releases use the
-- same key.
SELECT
    patient.subject_id IS NULL AS is_lost,
    CASE WHEN patient.subject_id IS NOT NULL THEN
        patient.sex IS DISTINCT FROM previous_patient.sex
        OR year(patient.birth_date) IS DISTINCT FROM year(previous_patient.birth_date)
    END AS is_changed
FROM previous_patient
LEFT JOIN patient ON patient.subject_id = previous_patient.subject_id
