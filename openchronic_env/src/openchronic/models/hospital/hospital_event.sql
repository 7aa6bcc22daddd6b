-- One row per event that detail lines of hospital records make. An event has the day of its line,
-- or the day that a delay after admission gives (Formation PMSI CNAM 2020); without such a day, or
-- with one outside the stay, it spans its record. A diagnosis spans its stay. Lines with equal
-- values are summed.
WITH near AS (
    SELECT *, CASE WHEN delay BETWEEN 0 AND 36600 THEN delay END AS near_delay
    FROM detail_line
    WHERE fate IS NULL AND code IS NOT NULL
),
placed AS (
    SELECT
        *,
        CASE
            WHEN event_type = 'diagnosis' THEN NULL
            WHEN day >= coalesce(first_day, day) THEN day
            WHEN add_days(day_zero, near_delay) >= first_day
                AND (last_day IS NULL OR add_days(day_zero, near_delay) <= last_day)
                THEN add_days(day_zero, near_delay)
        END AS done
    FROM near
),
spanned AS (
    SELECT
        *,
        CASE WHEN event_type = 'diagnosis' THEN start_date ELSE coalesce(done, first_day) END
            AS from_day,
        CASE WHEN event_type = 'diagnosis' THEN end_date ELSE coalesce(done, last_day, end_date) END
            AS to_day
    FROM placed
),
summed AS (
    SELECT
        subject_id, from_day, to_day, known_date, event_type, care_setting, vocabulary, code,
        code_role, CAST(sum(quantity) AS DOUBLE) AS quantity, stay_id, provider_specialty, facility_id,
        date_precision, source_table, natural_key, count(*) AS n_source_rows,
        max(host_flags) AS host_flags,
        max(line_flags) AS line_flags,
        max(
            CASE
                WHEN done IS NULL AND (day IS NOT NULL OR (delay IS NOT NULL AND day_zero IS NOT NULL))
                    THEN 'outside_stay'
            END
        ) AS day_flag
    FROM spanned
    GROUP BY
        subject_id, from_day, to_day, known_date, event_type, care_setting, vocabulary, code,
        code_role, stay_id, provider_specialty, facility_id, date_precision, source_table,
        natural_key
)
SELECT
    subject_id, from_day AS start_date, to_day AS end_date, known_date, event_type, care_setting,
    vocabulary, code, code_role, quantity, stay_id,
    CAST(NULL AS STRING) AS provider_id,
    provider_specialty, facility_id, date_precision, source_table,
    natural_key || '|' || source_table || '|' || vocabulary || '|' || code || '|'
        || coalesce(code_role, '') || '|' || CAST(from_day AS STRING) || '|'
        || coalesce(CAST(to_day AS STRING), '') || '|' || coalesce(provider_specialty, '') AS natural_key,
    n_source_rows,
    nullif(concat_ws(',', host_flags, line_flags, day_flag), '') AS flags
FROM summed
