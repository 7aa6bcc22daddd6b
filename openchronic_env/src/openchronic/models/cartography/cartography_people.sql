-- One row per compared patient and year of the cartography, with the sex and the age reached in the
-- year.
WITH aged AS (
    SELECT
        mapped.year,
        mapped.subject_id,
        coalesce(patient.sex, 'unknown') AS sex,
        mapped.year - year(patient.birth_date) AS age
    FROM mapped
    INNER JOIN patient ON patient.subject_id = mapped.subject_id
)
SELECT
    year,
    subject_id,
    sex,
    CASE
        WHEN age IS NULL OR age < 0 THEN 'unknown'
        WHEN age >= 90 THEN '90+'
        ELSE CAST(CAST(floor(age / 10) * 10 AS INTEGER) AS STRING) || '-'
            || CAST(CAST(floor(age / 10) * 10 + 9 AS INTEGER) AS STRING)
    END AS age_class
FROM aged
