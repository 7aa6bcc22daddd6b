-- The events of one bucket as MEDS wants them, one split. `event`, `patient`: of the subjects of the
-- split. `time` is the first day on which a fact could be in the data: a prediction made on a day has
-- what is before it, and nothing of the future. What holds at all times (sex) has no time and comes first.
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
