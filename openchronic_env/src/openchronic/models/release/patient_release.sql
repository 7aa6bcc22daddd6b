-- One row per patient, with whether events show care after death.
SELECT patient.*, late.subject_id IS NOT NULL AS care_after_death
FROM patient
LEFT JOIN late ON late.subject_id = patient.subject_id
