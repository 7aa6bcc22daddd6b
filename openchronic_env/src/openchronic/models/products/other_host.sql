-- One row per part of a stay, with its stay: the record that the lines of a part are joined to.
-- Where the days of the part are known, a line has one of them; otherwise some day of the stay.
WITH keyed AS (
    SELECT
        record_key, removed_by, facility_id, stay_number, file_year, days_before, days_after,
        is_before_said
    FROM part
    UNION ALL
    -- One row for the whole stay, for lines that do not name their part.
    SELECT
        stay_key, removed_by, facility_id, stay_number, file_year,
        CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BOOLEAN)
    FROM part
),
known AS (
    SELECT
        record_key,
        facility_id,
        stay_number,
        file_year,
        CASE WHEN count(*) FILTER (WHERE removed_by IS NULL) = 0 THEN min(removed_by) END
            AS removed_by,
        CASE WHEN count(*) = 1 THEN min(days_before) END AS days_before,
        CASE WHEN count(*) = 1 THEN min(days_after) END AS days_after,
        coalesce(bool_or(is_before_said), FALSE) AS is_before_said
    FROM keyed
    GROUP BY record_key, facility_id, stay_number, file_year
),
placed AS (
    SELECT
        part.record_key,
        part.removed_by,
        stay.*,
        add_days(
            stay.start_date,
            CASE WHEN stay.n_files = 1 OR part.is_before_said THEN part.days_before END
        ) AS part_start,
        add_days(
            stay.start_date,
            CASE WHEN stay.n_files = 1 OR part.is_before_said THEN part.days_before END
            + part.days_after
        ) AS part_end
    FROM known AS part
    LEFT JOIN link
        ON link.facility_id = part.facility_id AND link.stay_number = part.stay_number
        AND link.file_year = coalesce(part.file_year, 0) AND part.removed_by IS NULL
    LEFT JOIN product_stay AS stay ON stay.natural_key = link.natural_key
)
SELECT
    record_key,
    removed_by,
    subject_id,
    stay_id,
    start_date,
    end_date,
    -- Delays count from the start of the part in hospital at home, from entry in the unit in
    -- rehabilitation.
    CASE WHEN care_setting = 'had' THEN part_start ELSE start_date END AS day_zero,
    CASE WHEN part_start <= last_seen_date THEN part_start ELSE start_date END AS first_day,
    CASE
        WHEN part_start <= last_seen_date AND part_end <= last_seen_date THEN part_end
        ELSE last_seen_date
    END AS last_day,
    known_date,
    date_precision,
    care_setting,
    facility_id,
    natural_key,
    CASE WHEN is_shared_number THEN 'shared_number' END AS host_flags
FROM placed
