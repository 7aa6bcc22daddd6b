-- One row per subject. Death: the referential's date first, then the discharge by death of a stay;
-- a death before birth is dropped and flagged. Source: Santé publique France, SNDS (2020).
WITH hospital AS (
    SELECT
        stay.subject_id,
        min(stay.end_date) FILTER (
            WHERE person.birth_date IS NULL OR stay.end_date >= person.birth_date
        ) AS hospital_death,
        bool_or(coalesce(stay.end_date < person.birth_date, FALSE)) AS has_death_before_birth,
        count(DISTINCT stay.end_date) AS n_hospital_deaths
    FROM stay
    INNER JOIN person ON person.subject_id = stay.subject_id
    WHERE stay.exit_mode = '9'
    GROUP BY stay.subject_id
)
SELECT
    person.subject_id,
    person.birth_date,
    person.birth_precision,
    CASE person.sex_code WHEN 1 THEN 'M' WHEN 2 THEN 'F' END AS sex,
    coalesce(person.recorded_death, hospital.hospital_death) AS death_date,
    CASE
        WHEN person.recorded_death IS NOT NULL THEN 'IR_BEN_R'
        WHEN hospital.hospital_death IS NOT NULL THEN 'T_MCOaaB'
    END AS death_source,
    person.last_update,
    person.residence_department,
    person.residence_commune,
    person.scheme,
    person.is_twin,
    person.is_provisional,
    person.has_own_number,
    person.sex_varies,
    person.birth_varies,
    person.has_death_before_birth OR coalesce(hospital.has_death_before_birth, FALSE)
        AS death_before_birth,
    person.n_source_rows,
    person.recorded_death,
    hospital.hospital_death,
    coalesce(hospital.n_hospital_deaths, 0) AS n_hospital_deaths
FROM person
LEFT JOIN hospital ON hospital.subject_id = person.subject_id
