-- Stays of rehabilitation, hospital at home and psychiatry, made of the parts that count. What is
-- said once is that of the first part, exit and residence that of the last; a group is that of the
-- stay when all its parts have it. A stay that goes over a year is one of each file. known_date as
-- for MCO.
WITH placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY facility_id, stay_number, coalesce(file_year, 0) ORDER BY place, place_name
        ) AS from_first,
        row_number() OVER (
            PARTITION BY facility_id, stay_number, coalesce(file_year, 0)
            ORDER BY place DESC, place_name DESC
        ) AS from_last
    FROM part
    WHERE removed_by IS NULL
),
made AS (
    SELECT
        care_setting,
        source_table,
        facility_id,
        stay_number,
        file_year,
        min(subject_id) AS subject_id,
        min(start_date) AS start_date,
        greatest(min(start_date), max(end_date)) AS end_date,
        min(date_precision) AS date_precision,
        count(*) AS n_records,
        sum(days) AS days,
        CASE WHEN min(group_code) = max(group_code) THEN min(group_code) END AS group_code,
        min(group_vocabulary) AS group_vocabulary,
        max(care_form) FILTER (WHERE from_first = 1) AS care_form,
        max(main_diagnosis) FILTER (WHERE from_first = 1) AS main_diagnosis,
        max(entry_mode) FILTER (WHERE from_first = 1) AS entry_mode,
        max(entry_from) FILTER (WHERE from_first = 1) AS entry_from,
        max(exit_mode) FILTER (WHERE from_last = 1) AS exit_mode,
        max(exit_to) FILTER (WHERE from_last = 1) AS exit_to,
        max(age) FILTER (WHERE from_first = 1) AS age,
        max(sex_code) FILTER (WHERE from_first = 1) AS sex_code,
        max(residence_department) FILTER (WHERE from_last = 1) AS residence_department
    FROM placed
    GROUP BY care_setting, source_table, facility_id, stay_number, file_year
),
named AS (
    SELECT
        *,
        care_setting || '|' || CAST(coalesce(file_year, year(end_date), 0) AS STRING) || '|'
            || facility_id || '|' || stay_number AS natural_key
    FROM made
)
SELECT
    subject_id,
    substr(digest((SELECT site_key FROM secret) || '|stay|' || natural_key), 1, 32) AS stay_id,
    care_setting,
    start_date,
    end_date,
    date_of(coalesce(file_year, year(end_date)) + 1, 7, 1) AS known_date,
    date_precision,
    CAST(coalesce(file_year, year(end_date)) AS INTEGER) AS year,
    facility_id,
    FALSE AS is_session,
    CAST(NULL AS INTEGER) AS nights,
    CAST(NULL AS INTEGER) AS n_sessions,
    CAST(NULL AS INTEGER) AS n_units,
    CAST(NULL AS STRING) AS ghm,
    CAST(NULL AS STRING) AS ghs,
    main_diagnosis,
    CAST(NULL AS STRING) AS related_diagnosis,
    entry_mode,
    entry_from,
    exit_mode,
    exit_to,
    CAST(age AS INTEGER) AS age,
    sex_code,
    residence_department,
    care_form,
    CAST(days AS INTEGER) AS days,
    CAST(n_records AS INTEGER) AS n_records,
    natural_key,
    source_table,
    CASE WHEN group_code IS NOT NULL THEN group_vocabulary END AS group_vocabulary,
    group_code,
    stay_number,
    file_year
FROM named
