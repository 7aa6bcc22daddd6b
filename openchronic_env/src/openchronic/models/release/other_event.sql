-- One row per event that is made for all subjects at once, since these are few: births, deaths,
-- ALD, stays, and the diagnoses of T_MCOaaB and T_MCOaaD.
SELECT
    subject_id, birth_date AS start_date, birth_date AS end_date, birth_date AS known_date,
    'birth' AS event_type, CAST(NULL AS STRING) AS care_setting, CAST(NULL AS STRING) AS vocabulary,
    CAST(NULL AS STRING) AS code, CAST(NULL AS STRING) AS code_role,
    CAST(NULL AS DOUBLE) AS quantity, CAST(NULL AS STRING) AS stay_id,
    CAST(NULL AS STRING) AS provider_id, CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS facility_id, birth_precision AS date_precision,
    birth_source AS source_table, CAST(subject_id AS STRING) AS natural_key,
    CAST(n_source_rows AS BIGINT) AS n_source_rows, CAST(NULL AS STRING) AS flags
FROM patient
WHERE birth_date IS NOT NULL
UNION ALL
SELECT
    subject_id, death_date, death_date, death_known,
    'death', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, death_precision,
    death_source, CAST(subject_id AS STRING), n_source_rows, NULL
FROM patient
WHERE death_date IS NOT NULL
UNION ALL
SELECT
    subject_id, start_date, end_date, known_date,
    'ald', NULL, 'CIM10', icd10, kind, NULL, NULL, NULL, NULL, NULL, 'day',
    'IR_IMB_R', natural_key, n_source_rows, CASE WHEN end_date IS NULL THEN 'open' END
FROM ald
UNION ALL
SELECT
    subject_id, start_date, end_date, known_date,
    CASE WHEN is_session THEN 'session' ELSE 'stay' END, care_setting, group_vocabulary,
    group_code, NULL,
    CAST(CASE WHEN is_session THEN n_sessions WHEN care_setting = 'mco' THEN nights ELSE days END
        AS DOUBLE),
    stay_id, NULL, NULL, facility_id, date_precision, source_table, natural_key, n_records, flags
FROM stay
UNION ALL
SELECT
    stay.subject_id, stay.start_date, stay.end_date, stay.known_date,
    'diagnosis', stay.care_setting, 'CIM10', diagnosis.code, diagnosis.role, NULL, stay.stay_id,
    NULL, NULL, stay.facility_id, stay.date_precision, diagnosis.source_table,
    stay.natural_key || '|' || diagnosis.role || '|' || diagnosis.code, diagnosis.n_source_rows,
    nullif(concat_ws(
        ',',
        CASE WHEN stay.is_session THEN 'session' END,
        CASE WHEN stay.is_shared_number THEN 'shared_number' END
    ), '')
FROM diagnosis
INNER JOIN stay ON stay.stay_id = diagnosis.stay_id
