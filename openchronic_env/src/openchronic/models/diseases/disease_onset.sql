-- One row per definition and subject of a bucket who has the disease in some year of the base: the
-- first day on which a criterion of a state was met. It is incident where the subject was observed
-- for the wash-out before that day, and no criterion of the definition was met in it.
WITH first_case AS (
    SELECT definition, subject_id, min(first_key) AS first_key
    FROM every_state
    GROUP BY definition, subject_id
),
onset AS (
    SELECT DISTINCT
        state.definition, form.version, state.subject_id, state.first_met AS onset_date,
        state.known_date, place.criterion, form.washout_days
    FROM first_case
    INNER JOIN every_state AS state
        ON state.definition = first_case.definition AND state.subject_id = first_case.subject_id
        AND state.first_key = first_case.first_key
    INNER JOIN disease_form AS form ON form.definition = state.definition
    INNER JOIN disease_place AS place
        ON place.definition = state.definition AND place.place = state.place
),
earlier AS (
    SELECT DISTINCT onset.definition, onset.subject_id
    FROM onset
    INNER JOIN disease_met AS met
        ON met.definition = onset.definition AND met.subject_id = onset.subject_id
        AND met.met_on < onset.onset_date
        AND met.last_on >= add_days(onset.onset_date, -onset.washout_days)
)
SELECT
    onset.subject_id, onset.definition, onset.version, onset.onset_date, onset.known_date,
    onset.criterion, onset.washout_days,
    CAST(coalesce(days_between(observed.start_date, onset.onset_date), 0) AS INTEGER)
        AS observed_days,
    CASE
        WHEN earlier.subject_id IS NOT NULL THEN 'prevalent'
        WHEN days_between(observed.start_date, onset.onset_date) >= onset.washout_days
            THEN 'incident'
        ELSE 'unobserved'
    END AS incidence
FROM onset
LEFT JOIN earlier
    ON earlier.definition = onset.definition AND earlier.subject_id = onset.subject_id
LEFT JOIN observation_period AS observed
    ON observed.subject_id = onset.subject_id
    AND onset.onset_date BETWEEN observed.start_date AND observed.end_date
