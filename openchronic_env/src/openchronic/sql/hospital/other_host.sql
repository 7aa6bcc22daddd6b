-- Parts of stays, each with its stay: what the lines of a part hang on. Where the days of the part
-- are known, a line is of one of them; otherwise of some day of the stay.
WITH placed AS (
    SELECT
        part.record_key,
        part.removed_by,
        stay.*,
        add_days(stay.start_date, part.days_before) AS part_start,
        add_days(stay.start_date, part.days_before + part.days_after) AS part_end
    FROM part
    LEFT JOIN year_stay AS stay
        ON stay.facility_id = part.facility_id AND stay.stay_number = part.stay_number
        AND coalesce(stay.file_year, 0) = coalesce(part.file_year, 0)
        AND part.removed_by IS NULL
)
SELECT
    record_key,
    removed_by,
    subject_id,
    stay_id,
    start_date,
    end_date,
    -- At home delays count from the start of the part, in rehabilitation from entry in the unit.
    CASE WHEN care_setting = 'had' THEN part_start ELSE start_date END AS day_zero,
    CASE WHEN part_start <= end_date THEN part_start ELSE start_date END AS first_day,
    CASE WHEN part_start <= end_date AND part_end <= end_date THEN part_end ELSE end_date END
        AS last_day,
    known_date,
    date_precision,
    care_setting,
    facility_id,
    natural_key,
    CAST(NULL AS STRING) AS host_flags
FROM placed
