-- One row per stay of rehabilitation, hospital at home or psychiatry, made of the parts that are
-- kept, of all files. Values that the stay has once come from the first part, exit and residence
-- from the last; the stay has a group when all its parts have it. Where the day of exit is missing,
-- a stay lasts until the last day on which its parts show the subject there. It has no end where
-- the last file of its product ends before the stay does. known_date follows the rule of MCO.
WITH kept AS (
    SELECT
        part.*,
        link.natural_key,
        link.n_files,
        coalesce(part.file_year, 0) AS filed,
        CASE WHEN link.n_files = 1 OR part.is_before_said THEN part.days_before END AS begun_after,
        coalesce(
            part.part_key,
            CAST(coalesce(part.file_year, 0) AS STRING) || '|' || part.place_name
        ) AS same_part
    FROM part
    INNER JOIN link
        ON link.facility_id = part.facility_id AND link.stay_number = part.stay_number
        AND link.file_year = coalesce(part.file_year, 0)
    WHERE part.removed_by IS NULL
),
-- Where several files hold a part, the file with most of its values is used.
placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY natural_key ORDER BY
                filed, place, place_name, coalesce(begun_after, 0), coalesce(main_diagnosis, ''),
                coalesce(group_code, '')
        ) AS from_first,
        row_number() OVER (
            PARTITION BY natural_key ORDER BY
                filed DESC, place DESC, place_name DESC, coalesce(begun_after, 0) DESC,
                coalesce(main_diagnosis, '') DESC, coalesce(group_code, '') DESC
        ) AS from_last,
        first_value(filed) OVER (
            PARTITION BY natural_key, same_part ORDER BY covered DESC NULLS LAST, filed
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) = filed AS counts,
        coalesce(
            seen_day,
            CASE WHEN care_setting <> 'ssr' THEN add_days(entry_date, begun_after + covered - 1) END
        ) AS seen_to
    FROM kept
),
made AS (
    SELECT
        natural_key,
        care_setting,
        source_table,
        facility_id,
        max(n_files) AS n_files,
        min(subject_id) AS subject_id,
        min(entry_date) AS entry_date,
        max(exit_date) AS exit_date,
        max(exit_date) FILTER (WHERE from_last = 1) AS last_exit,
        bool_or(coalesce(exit_date < entry_date, FALSE)) AS is_inverted,
        max(days_back) FILTER (WHERE from_last = 1) AS days_back,
        min(start_date) AS start_date,
        greatest(min(start_date), max(end_date)) AS end_date,
        max(seen_to) AS seen_day,
        max(seen_week) AS seen_week,
        max(seen_month) FILTER (WHERE seen_to IS NULL) AS seen_month,
        max(exit_month) FILTER (WHERE from_last = 1) AS exit_month,
        greatest(
            sum(covered) FILTER (WHERE counts), sum(days) FILTER (WHERE counts), max(stay_covered)
        ) AS covered,
        max(file_year) AS file_year,
        count(*) AS n_records,
        sum(days) FILTER (WHERE counts) AS days,
        CASE WHEN min(group_code) = max(group_code) THEN min(group_code) END AS group_code,
        min(group_vocabulary) AS group_vocabulary,
        max(care_form) FILTER (WHERE from_first = 1) AS care_form,
        max(main_diagnosis) FILTER (WHERE from_first = 1) AS main_diagnosis,
        max(entry_mode) FILTER (WHERE from_first = 1) AS entry_mode,
        max(entry_from) FILTER (WHERE from_first = 1) AS entry_from,
        max(exit_mode) FILTER (WHERE from_last = 1) AS exit_mode,
        max(exit_to) FILTER (WHERE from_last = 1) AS exit_to,
        max(age) FILTER (WHERE from_first = 1) AS age,
        max(sex_code) FILTER (WHERE from_first = 1) AS sex_code,
        max(residence_department) FILTER (WHERE from_last = 1) AS residence_department,
        bool_or(is_shared_number) AS is_shared_number
    FROM placed
    GROUP BY natural_key, care_setting, source_table, facility_id
),
-- A stay lasts at least as many days as its days of presence.
entered AS (
    SELECT
        *,
        coalesce(entry_date, add_days(exit_date, -days_back)) AS entry_day,
        CASE WHEN covered BETWEEN 1 AND 36600 THEN add_days(entry_date, covered - 1) END
            AS covered_to,
        CASE WHEN last_exit >= entry_date OR entry_date IS NULL THEN exit_date END AS exit_day
    FROM made
),
seen AS (
    SELECT
        *,
        CASE
            WHEN exit_day IS NOT NULL THEN exit_day
            WHEN entry_date IS NOT NULL
                AND coalesce(seen_day, seen_week, covered_to, seen_month) IS NOT NULL
                THEN greatest(entry_date, seen_day, seen_week, covered_to, seen_month, exit_date)
        END AS seen_until
    FROM entered
),
-- Where the exit is missing, the records go on in the file of the next year, if there is one.
judged_end AS (
    SELECT
        seen.*,
        coalesce(
            exit_day IS NULL AND exit_month IS NULL
            AND NOT coalesce(exit_mode IN ('7', '8', '9'), FALSE)
            AND (
                seen_until IS NULL
                OR (
                    seen_until >= date_of(
                        coalesce(seen.file_year, year(seen_until)), delivered_year.last_month, 25
                    )
                    AND delivered_year.last_year <= coalesce(seen.file_year, year(seen_until))
                )
            ),
            FALSE
        ) AS is_open
    FROM seen
    LEFT JOIN delivered_year ON delivered_year.care_setting = seen.care_setting
),
ended AS (
    SELECT
        *,
        CASE
            WHEN entry_day IS NULL THEN end_date
            WHEN exit_day IS NOT NULL THEN exit_day
            WHEN NOT is_open THEN greatest(entry_date, seen_until, exit_month)
        END AS end_day,
        CASE
            WHEN exit_day IS NOT NULL THEN 'day'
            WHEN entry_day IS NULL THEN 'month'
            WHEN is_open THEN NULL
            WHEN exit_month > coalesce(seen_until, entry_date) THEN 'month'
            WHEN seen_until = seen_day THEN 'day'
            WHEN seen_until = covered_to AND care_setting = 'had' THEN 'day'
            WHEN seen_until = seen_week THEN 'week'
            ELSE 'month'
        END AS end_precision
    FROM judged_end
)
SELECT
    subject_id,
    short_id(digest((SELECT site_key FROM secret) || '|stay|' || natural_key)) AS stay_id,
    care_setting,
    coalesce(entry_day, start_date) AS start_date,
    end_day AS end_date,
    date_of(coalesce(file_year, year(coalesce(end_day, seen_until, start_date))) + 1, 7, 1)
        AS known_date,
    CASE WHEN entry_day IS NOT NULL THEN 'day' ELSE 'month' END AS date_precision,
    end_precision,
    coalesce(end_day, seen_until, entry_day, start_date) AS last_seen_date,
    CAST(coalesce(file_year, year(coalesce(end_day, seen_until, start_date))) AS INTEGER) AS year,
    facility_id,
    FALSE AS is_session,
    CAST(NULL AS INTEGER) AS nights,
    CAST(NULL AS INTEGER) AS n_sessions,
    CAST(NULL AS INTEGER) AS n_units,
    CAST(NULL AS STRING) AS ghm,
    CAST(NULL AS STRING) AS ghs,
    main_diagnosis,
    CAST(NULL AS STRING) AS related_diagnosis,
    entry_mode,
    entry_from,
    exit_mode,
    exit_to,
    CAST(age AS INTEGER) AS age,
    sex_code,
    residence_department,
    care_form,
    CAST(days AS INTEGER) AS days,
    CAST(n_records AS INTEGER) AS n_records,
    natural_key,
    source_table,
    CASE WHEN group_code IS NOT NULL THEN group_vocabulary END AS group_vocabulary,
    group_code,
    nullif(concat_ws(
        ',',
        CASE WHEN is_inverted THEN 'inverted_dates' END,
        CASE WHEN entry_date IS NULL AND entry_day IS NOT NULL THEN 'start_rebuilt' END,
        CASE WHEN entry_date IS NOT NULL AND exit_day IS NULL AND end_day IS NOT NULL
            THEN 'end_rebuilt' END,
        CASE WHEN end_day IS NULL AND seen_until IS NULL THEN 'end_unknown' END,
        CASE WHEN end_day IS NULL AND seen_until IS NOT NULL THEN 'open' END,
        CASE WHEN n_files > 1 THEN 'several_files' END,
        CASE WHEN is_shared_number THEN 'shared_number' END
    ), '') AS flags,
    n_files,
    is_shared_number
FROM ended
