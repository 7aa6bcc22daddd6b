-- One row per subject of a bucket: the characteristics, the death according to the referential and
-- to claims, and the residence, which is that of the last period.
WITH said_death AS (
    -- Where only the month of a death is written, its last day is taken.
    SELECT
        subject_id,
        'IR_BEN_R' AS source_table,
        coalesce(BEN_DCD_DTE, last_day_of(BEN_DCD_AME)) AS death_date,
        CASE WHEN BEN_DCD_DTE IS NULL THEN 'month' ELSE 'day' END AS precision,
        CAST(NULL AS DATE) AS first_known
    FROM record
    UNION ALL
    SELECT
        subject_id, 'ER_PRS_F', coalesce(death_day, death_month_end),
        CASE WHEN death_day IS NULL THEN 'month' ELSE 'day' END, first_known
    FROM trait_line
),
judged AS (
    SELECT
        said_death.*,
        coalesce(said_death.death_date < described.birth_date, FALSE) AS is_before_birth,
        CAST(said_death.death_date AS STRING) || said_death.precision AS place
    FROM said_death
    INNER JOIN described ON described.subject_id = said_death.subject_id
    WHERE said_death.death_date IS NOT NULL
),
-- The earliest of several deaths is kept; a death before birth is dropped (SCALPEL-Extraction).
death AS (
    SELECT
        subject_id,
        bool_or(is_before_birth) AS has_death_before_birth,
        min(death_date) FILTER (WHERE source_table = 'IR_BEN_R' AND NOT is_before_birth)
            AS recorded_death,
        min_by(precision, place) FILTER (WHERE source_table = 'IR_BEN_R' AND NOT is_before_birth)
            AS recorded_precision,
        min(death_date) FILTER (WHERE source_table = 'ER_PRS_F' AND NOT is_before_birth)
            AS claimed_death,
        min_by(precision, place) FILTER (WHERE source_table = 'ER_PRS_F' AND NOT is_before_birth)
            AS claimed_precision,
        min(first_known) FILTER (WHERE source_table = 'ER_PRS_F' AND NOT is_before_birth)
            AS claimed_death_known
    FROM judged
    GROUP BY subject_id
)
SELECT
    described.*,
    home.department AS residence_department,
    home.commune AS residence_commune,
    death.recorded_death,
    death.recorded_precision,
    death.claimed_death,
    death.claimed_precision,
    death.claimed_death_known,
    coalesce(death.has_death_before_birth, FALSE) AS has_death_before_birth
FROM described
LEFT JOIN death ON death.subject_id = described.subject_id
LEFT JOIN residence AS home ON home.subject_id = described.subject_id AND home.end_date IS NULL
