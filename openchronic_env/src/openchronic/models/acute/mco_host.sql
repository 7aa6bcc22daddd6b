-- One row per stay of one year, removed ones too: the record that the detail lines of a stay are
-- joined to.
SELECT
    {record_key} AS record_key,
    judged.removed_by,
    stay.subject_id,
    stay.stay_id,
    stay.start_date,
    stay.end_date,
    -- The day that delays count from, and the days that a line may have.
    stay.start_date AS day_zero,
    stay.start_date AS first_day,
    stay.end_date AS last_day,
    stay.known_date,
    stay.date_precision,
    stay.care_setting,
    stay.facility_id,
    stay.natural_key,
    nullif(concat_ws(
        ',',
        CASE WHEN stay.is_session THEN 'session' END,
        CASE WHEN stay.is_shared_number THEN 'shared_number' END
    ), '') AS host_flags
FROM judged
LEFT JOIN stay
    ON stay.ETA_NUM = judged.ETA_NUM AND stay.RSA_NUM = judged.RSA_NUM
    AND coalesce(stay.file_year, 0) = coalesce(judged.file_year, 0)
    AND judged.removed_by IS NULL
