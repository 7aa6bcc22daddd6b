-- One row per subject and day that may be an index day, before the days are bounded and chosen.
SELECT DISTINCT onset.subject_id, onset.onset_date AS index_date
FROM disease_onset AS onset
INNER JOIN cohort_index AS wanted
    ON wanted.kind = 'onset' AND wanted.definition = onset.definition
    AND (NOT wanted.only_incident OR onset.incidence = 'incident')
UNION
SELECT fact.subject_id, CASE WHEN wanted.by_end THEN fact.end_date ELSE fact.start_date END
FROM cohort_fact AS fact
INNER JOIN cohort_index AS wanted ON wanted.kind = 'fact' AND fact.fact = 0
UNION
SELECT fact.subject_id, min(fact.start_date)
FROM cohort_fact AS fact
INNER JOIN cohort_index AS wanted ON wanted.kind = 'first fact' AND fact.fact = 0
GROUP BY fact.subject_id
UNION
SELECT fact.subject_id, asked.day
FROM cohort_fact AS fact
INNER JOIN cohort_index AS wanted ON wanted.kind = 'known' AND fact.fact = 0
INNER JOIN cohort_day AS asked ON asked.day >= fact.first_day
UNION
SELECT ill.subject_id, asked.day
FROM disease_year AS ill
INNER JOIN cohort_index AS wanted
    ON wanted.kind = 'year' AND wanted.definition = ill.definition
    AND (wanted.state IS NULL OR wanted.state = ill.state)
INNER JOIN cohort_day AS asked ON year(asked.day) = ill.year
UNION
SELECT patient.subject_id, asked.day
FROM patient
INNER JOIN cohort_index AS wanted ON wanted.kind = 'everyone'
CROSS JOIN cohort_day AS asked
