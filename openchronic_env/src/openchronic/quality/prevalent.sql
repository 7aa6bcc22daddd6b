-- One row per disease, year, sex and age class: people with an open ALD on 31 December of each
-- requested year, alive on that day, with the age reached in the year. Cells and margins are in one
-- table: a person counts once in each.
WITH open_ald AS (
    SELECT
        asked_year.year,
        ald.ald_number AS disease,
        ald.subject_id,
        patient.sex,
        asked_year.year - year(patient.birth_date) AS age
    FROM ald
    INNER JOIN asked_year
        ON year(ald.start_date) <= asked_year.year
        AND (ald.end_date IS NULL OR ald.end_date >= asked_year.last_day)
    INNER JOIN patient ON patient.subject_id = ald.subject_id
    WHERE patient.death_date IS NULL OR patient.death_date > asked_year.last_day
),
classed AS (
    SELECT
        *,
        CASE
            WHEN age < 0 OR age IS NULL THEN NULL
            WHEN age >= 90 THEN '90+'
            ELSE CAST(CAST(floor(age / 10) * 10 AS INTEGER) AS VARCHAR) || '-'
                || CAST(CAST(floor(age / 10) * 10 + 9 AS INTEGER) AS VARCHAR)
        END AS age_class
    FROM open_ald
)
SELECT
    year,
    disease,
    CASE WHEN grouping(sex) = 1 THEN 'all' ELSE sex END AS sex,
    CASE WHEN grouping(age_class) = 1 THEN 'all' ELSE age_class END AS age_class,
    count(DISTINCT subject_id) AS patients
FROM classed
GROUP BY GROUPING SETS (
    (year, disease, sex, age_class), (year, disease, sex), (year, disease, age_class),
    (year, disease)
)
