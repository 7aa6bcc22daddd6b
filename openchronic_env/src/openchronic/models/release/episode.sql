-- One row per stay: stays chained into episodes of hospital care, over all care settings. A stay
-- belongs to the current episode when it begins before the end of that episode or on its last day,
-- or on the next day unless both modes say home: exit to home (8) or by death (9), entry from home
-- (8) or by birth (N). Any other mode is a move (0 for an act, 6 to another unit, 7 to another
-- facility), and a missing mode may be one. Codes: schema-snds, MS_ENT_V and MS_SOR_V. No published
-- rule says that the next day is no gap: it is usage. Some stays are episodes by themselves:
-- sessions; care by the day, by the night or in sessions (SSR: HOS_TYP_UM 2 to 4; psychiatry:
-- FOR_ACT of part-time care), which goes on for months between other stays; stays of which only the
-- month is known, or whose subject is not known.
WITH candidate AS (
    SELECT
        subject_id,
        stay_id,
        hex_of_id(stay_id) AS id_digits,
        start_date,
        -- A stay without an end lasts until the last day on which its subject was recorded there.
        last_seen_date AS end_date,
        care_setting,
        date_precision,
        main_diagnosis,
        exit_mode,
        NOT is_session
            AND date_precision = 'day'
            AND subject_id IS NOT NULL
            AND start_date IS NOT NULL
            AND (care_form IS NULL OR care_form = '1' OR care_form LIKE '0%') AS is_whole,
        coalesce(entry_mode IN ('8', 'N'), FALSE) AS from_home,
        coalesce(exit_mode IN ('8', '9'), FALSE) AS to_home
    FROM stay
),
-- Until when the earlier stays of the subject last: all of them, and those without an exit to home.
reached AS (
    SELECT
        *,
        max(end_date) OVER earlier AS until_date,
        max(CASE WHEN NOT to_home THEN end_date END) OVER earlier AS open_until,
        bool_or(coalesce(exit_mode = '9', FALSE)) OVER earlier AS died_before
    FROM candidate
    WHERE is_whole
    WINDOW earlier AS (
        PARTITION BY subject_id ORDER BY start_date, end_date, id_digits
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
numbered AS (
    SELECT
        *,
        sum(
            CASE
                WHEN start_date <= until_date THEN 0
                WHEN start_date <= add_days(CASE WHEN from_home THEN open_until ELSE until_date END, 1)
                    THEN 0
                ELSE 1
            END
        ) OVER (
            PARTITION BY subject_id ORDER BY start_date, end_date, id_digits
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS episode
    FROM reached
),
chained AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY subject_id, episode ORDER BY start_date, end_date, id_digits
        ) AS place,
        count(*) OVER (PARTITION BY subject_id, episode) AS n_stays,
        first_value(stay_id) OVER (
            PARTITION BY subject_id, episode ORDER BY start_date, end_date, id_digits
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS episode_id,
        days_between(until_date, start_date) AS days_since
    FROM numbered
)
-- An episode has the identifier of its first stay. A readmission opens an episode of acute care 1
-- to 30 days after the previous one, of any setting, from which the subject was discharged alive; a
-- stay for chemotherapy (main diagnosis Z51.1) was planned and is no readmission.
-- days_since_episode has all delays.
SELECT
    subject_id,
    stay_id,
    episode_id,
    CAST(place AS INTEGER) AS episode_order,
    CAST(n_stays AS INTEGER) AS episode_stays,
    CAST(CASE WHEN place = 1 THEN days_since END AS INTEGER) AS days_since_episode,
    coalesce(
        place = 1 AND care_setting = 'mco' AND days_since <= 30 AND NOT died_before
        AND NOT coalesce(main_diagnosis LIKE 'Z511%', FALSE),
        FALSE
    ) AS is_readmission
FROM chained
UNION ALL
SELECT
    subject_id, stay_id, stay_id, 1, 1, CAST(NULL AS INTEGER),
    CASE WHEN date_precision = 'day' THEN FALSE END
FROM candidate
WHERE NOT is_whole
