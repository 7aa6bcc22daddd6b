-- One row per subject. Birth and death follow the order of sources: the referential, the claims,
-- the hospital (discharge by death, in any care setting), the death certificates; a death before
-- birth is dropped and flagged. Source: SCALPEL-Extraction, AllPatientExtractor; Santé publique
-- France, SNDS (2020).
WITH hospital_birth AS (
    -- The age at entry is exact: each stay allows two years of birth, and the latest year that all
    -- allow is taken.
    SELECT subject_id, CAST(min(year(start_date) - age) AS BIGINT) AS birth_year
    FROM stay
    WHERE care_setting = 'mco' AND age BETWEEN 0 AND 120
    GROUP BY subject_id
),
born AS (
    SELECT
        person.*,
        hospital_birth.birth_year AS hospital_birth_year,
        certificate.birth_year AS certified_birth_year,
        certificate.death_date AS certified_death,
        certificate.death_precision AS certified_precision,
        CASE
            WHEN person.birth_year IS NOT NULL THEN 'IR_BEN_R'
            WHEN person.claimed_birth_year IS NOT NULL THEN 'ER_PRS_F'
            WHEN hospital_birth.birth_year IS NOT NULL THEN 'T_MCOaaB'
            WHEN certificate.birth_year IS NOT NULL THEN 'KI_CCI_R'
        END AS birth_source,
        coalesce(
            person.birth_date,
            date_of(coalesce(hospital_birth.birth_year, certificate.birth_year), 1, 1)
        ) AS born_on
    FROM person
    LEFT JOIN hospital_birth ON hospital_birth.subject_id = person.subject_id
    LEFT JOIN certificate ON certificate.subject_id = person.subject_id
),
-- Where only the month of an exit by death is known, its last day is taken.
discharged AS (
    SELECT
        subject_id,
        source_table,
        CASE WHEN end_precision = 'month'
            THEN last_day_of(substr(replace(CAST(end_date AS STRING), '-', ''), 1, 6)) ELSE end_date
        END AS death_date,
        end_precision
    FROM stay
    WHERE exit_mode = '9' AND end_date IS NOT NULL
),
judged_discharge AS (
    SELECT
        discharged.*,
        born.born_on IS NULL OR discharged.death_date >= born.born_on AS is_possible,
        CAST(discharged.death_date AS STRING) || discharged.end_precision
            || discharged.source_table AS place
    FROM discharged
    INNER JOIN born ON born.subject_id = discharged.subject_id
),
hospital AS (
    SELECT
        subject_id,
        min(death_date) FILTER (WHERE is_possible) AS hospital_death,
        min_by(end_precision, place) FILTER (WHERE is_possible) AS hospital_precision,
        min_by(source_table, place) FILTER (WHERE is_possible) AS hospital_source,
        bool_or(NOT is_possible) AS has_death_before_birth,
        count(DISTINCT death_date) AS n_hospital_deaths
    FROM judged_discharge
    GROUP BY subject_id
),
died AS (
    SELECT
        born.*,
        hospital.hospital_death,
        hospital.hospital_precision,
        hospital.hospital_source,
        coalesce(hospital.n_hospital_deaths, 0) AS n_hospital_deaths,
        CASE WHEN born.born_on IS NULL OR born.certified_death >= born.born_on
            THEN born.certified_death END AS possible_certified_death,
        born.has_death_before_birth OR coalesce(hospital.has_death_before_birth, FALSE)
            OR coalesce(born.certified_death < born.born_on, FALSE) AS death_before_birth
    FROM born
    LEFT JOIN hospital ON hospital.subject_id = born.subject_id
)
SELECT
    subject_id,
    born_on AS birth_date,
    CASE
        WHEN born_on IS NULL THEN NULL
        WHEN birth_source = 'IR_BEN_R' AND birth_month IS NOT NULL THEN 'month'
        ELSE 'year'
    END AS birth_precision,
    birth_source,
    CASE sex_code WHEN 1 THEN 'M' WHEN 2 THEN 'F' END AS sex,
    coalesce(recorded_death, claimed_death, hospital_death, possible_certified_death) AS death_date,
    CASE
        WHEN recorded_death IS NOT NULL THEN recorded_precision
        WHEN claimed_death IS NOT NULL THEN claimed_precision
        WHEN hospital_death IS NOT NULL THEN hospital_precision
        WHEN possible_certified_death IS NOT NULL THEN certified_precision
    END AS death_precision,
    CASE
        WHEN recorded_death IS NOT NULL THEN 'IR_BEN_R'
        WHEN claimed_death IS NOT NULL THEN 'ER_PRS_F'
        WHEN hospital_death IS NOT NULL THEN hospital_source
        WHEN possible_certified_death IS NOT NULL THEN 'KI_CCI_R'
    END AS death_source,
    residence_department,
    residence_commune,
    scheme,
    is_twin,
    is_provisional,
    has_own_number,
    sex_varies,
    birth_varies,
    death_before_birth,
    n_source_rows,
    -- A death in the referential is known on its last update at the latest; one in hospital on the
    -- day when the PMSI of its year comes; the causes of the deaths of 2016 were the last ones in
    -- October 2020.
    CASE
        WHEN recorded_death IS NOT NULL THEN greatest(recorded_death, last_update)
        WHEN claimed_death IS NOT NULL THEN greatest(claimed_death, claimed_death_known)
        WHEN hospital_death IS NOT NULL THEN date_of(year(hospital_death) + 1, 7, 1)
        ELSE date_of(year(possible_certified_death) + 4, 10, 1)
    END AS death_known,
    recorded_death,
    claimed_death,
    hospital_death,
    possible_certified_death AS certified_death,
    n_hospital_deaths,
    birth_year AS recorded_birth_year,
    claimed_birth_year,
    hospital_birth_year,
    certified_birth_year
FROM died
