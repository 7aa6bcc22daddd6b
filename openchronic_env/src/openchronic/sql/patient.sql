-- One row per subject. Death: the referential's date first, then the discharge by death of a stay;
-- a death before birth is dropped and flagged. Source: Santé publique France, SNDS (2020).
WITH hospital AS (
    SELECT subject_id, min(end_date) AS hospital_death
    FROM stay
    WHERE exit_mode = '9'
    GROUP BY subject_id
),
dated AS (
    SELECT
        person.*,
        hospital.hospital_death,
        recorded_death IS NOT NULL AND (birth_date IS NULL OR recorded_death >= birth_date)
            AS has_recorded_death
    FROM person
    LEFT JOIN hospital ON hospital.subject_id = person.subject_id
)
SELECT
    subject_id,
    birth_date,
    birth_precision,
    CASE sex_code WHEN 1 THEN 'M' WHEN 2 THEN 'F' END AS sex,
    CASE WHEN has_recorded_death THEN recorded_death ELSE hospital_death END AS death_date,
    CASE
        WHEN has_recorded_death THEN 'IR_BEN_R'
        WHEN hospital_death IS NOT NULL THEN 'T_MCOaaB'
    END AS death_source,
    last_update,
    residence_department,
    residence_commune,
    scheme,
    is_twin,
    has_own_number,
    sex_varies,
    birth_varies,
    recorded_death IS NOT NULL AND NOT has_recorded_death AS death_before_birth,
    n_source_rows
FROM dated
