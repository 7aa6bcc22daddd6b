-- The time in which care of a subject can be seen: from the first to the last month of care that
-- the claims cover, cut at birth and at death.
WITH covered AS (
    SELECT min(first_care) AS first_day, max(last_care) AS last_day FROM care_window
)
SELECT
    patient.subject_id,
    CASE WHEN birth_date > first_day THEN birth_date ELSE first_day END AS start_date,
    CASE WHEN death_date < last_day THEN death_date ELSE last_day END AS end_date,
    CASE WHEN death_date < last_day THEN 'death' ELSE 'end_of_data' END AS end_reason
FROM patient
CROSS JOIN covered
WHERE
    first_day IS NOT NULL
    AND (death_date IS NULL OR death_date >= first_day)
    AND (birth_date IS NULL OR birth_date <= last_day)
    AND (death_date IS NULL OR birth_date IS NULL OR birth_date <= death_date)
