-- Rows without a parent: those of a subject who is not in patient, and diagnoses without a stay.
SELECT 'event' AS part, count(*) AS n
FROM event LEFT JOIN patient ON patient.subject_id = event.subject_id
WHERE patient.subject_id IS NULL
UNION ALL
SELECT 'cost', count(*)
FROM cost LEFT JOIN patient ON patient.subject_id = cost.subject_id
WHERE patient.subject_id IS NULL
UNION ALL
SELECT 'stay', count(*)
FROM stay LEFT JOIN patient ON patient.subject_id = stay.subject_id
WHERE patient.subject_id IS NULL
UNION ALL
SELECT 'ald', count(*)
FROM ald LEFT JOIN patient ON patient.subject_id = ald.subject_id
WHERE patient.subject_id IS NULL
UNION ALL
SELECT 'observation_period', count(*)
FROM observation_period LEFT JOIN patient ON patient.subject_id = observation_period.subject_id
WHERE patient.subject_id IS NULL
UNION ALL
SELECT 'residence', count(*)
FROM residence LEFT JOIN patient ON patient.subject_id = residence.subject_id
WHERE patient.subject_id IS NULL
UNION ALL
SELECT 'diagnosis', count(*)
FROM event LEFT JOIN stay ON stay.stay_id = event.stay_id
WHERE event.event_type = 'diagnosis' AND stay.stay_id IS NULL
