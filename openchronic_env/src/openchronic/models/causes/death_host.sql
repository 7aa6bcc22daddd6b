-- One row per death certificate, with its subject: the record that the causes of a death are joined
-- to. known_date is the day on which the causes of that year came, also for deaths that only
-- certificates record (the causes of 2016 came in October 2020).
WITH dated AS (
    SELECT
        *,
        coalesce(BEN_DCD_DTE, last_day_of(BEN_DCD_AME)) AS death_date,
        CASE WHEN BEN_DCD_DTE IS NULL THEN 'month' ELSE 'day' END AS death_precision,
        coalesce(usable_number(BEN_IDT_ANO), usable_number(BEN_NIR_ANO)) AS identity
    FROM ki_cci_r
),
-- Keyed by the number of the certificate, and by person for causes that lack that number.
keyed AS (
    SELECT *, DCD_IDT_ENC AS record_key FROM dated WHERE DCD_IDT_ENC IS NOT NULL
    UNION ALL
    SELECT *, identity FROM dated WHERE identity IS NOT NULL
),
placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY record_key
            ORDER BY death_date NULLS LAST, DCD_IDT_ENC NULLS LAST, identity NULLS LAST
        ) AS place
    FROM keyed
)
SELECT
    dated.record_key,
    CASE
        WHEN dated.is_of_several THEN 'key_conflict'
        WHEN subject.subject_id IS NULL THEN 'certificate_of_nobody'
        WHEN dated.death_date IS NULL THEN 'certificate_without_date'
        WHEN dated.death_date < person.birth_date THEN 'death_before_birth'
    END AS removed_by,
    subject.subject_id,
    CAST(NULL AS STRING) AS stay_id,
    dated.death_date AS start_date,
    dated.death_date AS end_date,
    dated.death_date AS day_zero,
    dated.death_date AS first_day,
    dated.death_date AS last_day,
    date_of(year(dated.death_date) + 4, 10, 1) AS known_date,
    dated.death_precision AS date_precision,
    CAST(NULL AS STRING) AS care_setting,
    CAST(NULL AS STRING) AS facility_id,
    'certificate|' || coalesce(dated.DCD_IDT_ENC, dated.identity) AS natural_key,
    CAST(NULL AS STRING) AS host_flags
FROM placed AS dated
LEFT JOIN subject ON subject.natural_id = dated.identity
LEFT JOIN person ON person.subject_id = subject.subject_id
WHERE dated.place = 1
