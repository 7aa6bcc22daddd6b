-- One row per number of a stay and file, with its stay (`natural_key`). A hospitalisation that goes
-- on over the end of a year is in the file of each year, under a number of its own: the stays of
-- one subject in one facility, entered on one day and all complete or all partial, are one across
-- files, never within one. The stay takes its name from its first file, which later files do not
-- change. Several stays of one file are matched with several of the next in order.
WITH placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY facility_id, stay_number, coalesce(file_year, 0)
            ORDER BY place, place_name, coalesce(care_form, '')
        ) AS from_first
    FROM part
    WHERE removed_by IS NULL
),
filed AS (
    SELECT
        care_setting,
        facility_id,
        stay_number,
        coalesce(file_year, 0) AS file_year,
        min(subject_id) AS subject_id,
        min(entry_date) AS entry_date,
        coalesce(file_year, year(greatest(min(start_date), max(end_date))), 0) AS named_year,
        max(
            CASE WHEN care_form IS NULL OR care_form = '1' OR care_form LIKE '0%' THEN 0 ELSE 1 END
        ) FILTER (WHERE from_first = 1) AS is_partial
    FROM placed
    GROUP BY care_setting, facility_id, stay_number, file_year
),
named AS (
    SELECT
        *,
        care_setting || '|' || CAST(named_year AS STRING) || '|' || facility_id || '|' || stay_number
            AS own_key
    FROM filed
),
ranked AS (
    SELECT
        *,
        coalesce(CAST(entry_date AS STRING), own_key) AS entered,
        row_number() OVER (
            PARTITION BY
                facility_id, subject_id, coalesce(CAST(entry_date AS STRING), own_key), is_partial,
                file_year
            ORDER BY stay_number
        ) AS nth
    FROM named
)
SELECT
    facility_id,
    stay_number,
    file_year,
    first_value(own_key) OVER (
        PARTITION BY facility_id, subject_id, entered, is_partial, nth
        ORDER BY file_year, stay_number
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS natural_key,
    count(*) OVER (PARTITION BY facility_id, subject_id, entered, is_partial, nth) AS n_files
FROM ranked
