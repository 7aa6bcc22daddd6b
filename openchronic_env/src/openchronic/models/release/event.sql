-- One row per event of one bucket, in final order. `hospital_event` holds the events of detail
-- lines of stays and visits, `other_event` all that come neither from those nor from claims. Order
-- within a day: birth, ALD, stays, diagnoses, visits, acts, tests, drugs, devices, nursing,
-- physiotherapy, transport, other services of hospitals, death and its causes; then the code, then
-- the identifier.
WITH every AS (
    SELECT
        subject_id, start_date, end_date, known_date, event_type, care_setting, vocabulary, code,
        code_role, quantity, stay_id, provider_id, provider_specialty, facility_id,
        date_precision, source_table, natural_key, n_source_rows, flags
    FROM claim_event
    WHERE is_kept
    UNION ALL
    SELECT
        subject_id, start_date, end_date, known_date, event_type, care_setting, vocabulary, code,
        code_role, quantity, stay_id, provider_id, provider_specialty, facility_id,
        date_precision, source_table, natural_key, n_source_rows, flags
    FROM other_event
    UNION ALL
    SELECT
        subject_id, start_date, end_date, known_date, event_type, care_setting, vocabulary, code,
        code_role, quantity, stay_id, provider_id, provider_specialty, facility_id,
        date_precision, source_table, natural_key, n_source_rows, flags
    FROM hospital_event
),
named AS (
    SELECT
        *,
        digest((SELECT site_key FROM secret) || '|' || event_type || '|' || natural_key) AS full_hash,
        {rank_in_day} AS rank_in_day
    FROM every
),
-- The first stay of an episode, or a visit, has the identifier of the episode: only later stays
-- differ.
later_stay AS (
    SELECT stay_id, episode_id FROM episode WHERE episode_order > 1
)
SELECT
    subject_id, start_date, end_date, known_date,
    CAST(row_number() OVER (
        PARTITION BY subject_id, start_date
        ORDER BY rank_in_day, code NULLS FIRST, full_hash
    ) AS INTEGER) AS order_in_day,
    event_type, care_setting, vocabulary, code, code_role, quantity, named.stay_id,
    coalesce(later_stay.episode_id, named.stay_id) AS episode_id, provider_id,
    provider_specialty, facility_id, date_precision, source_table, short_id(full_hash) AS event_id,
    CAST(n_source_rows AS INTEGER) AS n_source_rows, flags
FROM named
LEFT JOIN later_stay ON later_stay.stay_id = named.stay_id
