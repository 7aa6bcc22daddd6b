-- One row per outpatient visit of one year, removed ones too: the record that the lines of a visit
-- are joined to. A line may have a later day than the first one of its visit. known_date follows
-- the rule of stays.
SELECT
    {record_key} AS record_key,
    removed_by,
    subject_id,
    short_id(
        digest(
            (SELECT site_key FROM secret)
            || CASE WHEN visits = 'ace' THEN '|visit|' ELSE '|' || visits || '|visit|' END
            || CAST(coalesce(file_year, 0) AS STRING)
            || '|' || ETA_NUM || '|' || SEQ_NUM
        )
    ) AS stay_id,
    start_date,
    greatest(start_date, end_date) AS end_date,
    start_date AS day_zero,
    start_date AS first_day,
    CAST(NULL AS DATE) AS last_day,
    date_of(coalesce(file_year, year(start_date)) + 1, 7, 1) AS known_date,
    'day' AS date_precision,
    'outpatient_hospital' AS care_setting,
    ETA_NUM AS facility_id,
    visits || '|' || CAST(coalesce(file_year, 0) AS STRING) || '|' || ETA_NUM || '|' || SEQ_NUM
        AS natural_key,
    nullif(concat_ws(
        ',',
        CASE WHEN is_shared_number THEN 'shared_number' END,
        CASE WHEN end_date < start_date THEN 'inverted_dates' END
    ), '') AS host_flags
FROM judged
