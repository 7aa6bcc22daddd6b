-- One row per event of one bucket and split, in the columns of MEDS. `event` and `patient` hold the
-- subjects of the split. `time` is the first day on which a fact could be in the data, so that a
-- prediction made on a day uses what came before it, and nothing from the future. Static facts
-- (sex) have no time and come first.
SELECT
    subject_id,
    CAST(known_date AS TIMESTAMP) AS "time",
    CASE
        WHEN event_type = 'birth' THEN 'MEDS_BIRTH'
        WHEN event_type = 'death' THEN 'MEDS_DEATH'
        WHEN code IS NOT NULL THEN vocabulary || '//' || code
        ELSE upper(event_type) || coalesce('//' || upper(care_setting), '')
    END AS code,
    CAST(quantity AS REAL) AS numeric_value,
    event_type,
    code_role,
    care_setting,
    start_date,
    end_date,
    CASE event_type WHEN 'birth' THEN 1 WHEN 'death' THEN 3 ELSE 2 END AS place,
    order_in_day,
    event_id
FROM event
UNION ALL
SELECT
    subject_id, CAST(NULL AS TIMESTAMP), 'SEX//' || sex, CAST(NULL AS REAL), 'sex', NULL, NULL,
    NULL, NULL, 0, 0, ''
FROM patient
WHERE sex IS NOT NULL
ORDER BY subject_id, "time" NULLS FIRST, place, start_date, order_in_day, event_id
