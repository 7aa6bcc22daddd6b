-- One row per fact that a cohort looks for and days on which a subject has it: an event on the day
-- of its start, an ALD on all its days, a stay on the day of its discharge (its diagnoses are coded
-- then), a disease on the days of the facts that made a case, or from its onset on. What has no
-- date matches nothing.
WITH coded AS (
    SELECT
        wanted.fact, wanted.part, wanted.dated_by, wanted.any_role, wanted.any_setting,
        event.subject_id, event.start_date, event.end_date, event.code_role, event.care_setting
    FROM event
    INNER JOIN cohort_code AS meant
        ON meant.vocabulary = event.vocabulary AND meant.code = event.code
    INNER JOIN cohort_wanted AS wanted
        ON wanted.part = meant.part AND wanted.event_type = event.event_type
    WHERE wanted.source = 'event' AND NOT wanted.any_code
    UNION ALL
    SELECT
        wanted.fact, wanted.part, wanted.dated_by, wanted.any_role, wanted.any_setting,
        event.subject_id, event.start_date, event.end_date, event.code_role, event.care_setting
    FROM event
    INNER JOIN cohort_wanted AS wanted ON wanted.event_type = event.event_type
    WHERE wanted.source = 'event' AND wanted.any_code
),
dated AS (
    SELECT
        coded.fact, coded.subject_id, coded.start_date, coded.end_date,
        CASE WHEN coded.dated_by = 'end' THEN coded.end_date ELSE coded.start_date END AS first_day,
        CASE coded.dated_by
            WHEN 'end' THEN coded.end_date
            WHEN 'period' THEN coalesce(coded.end_date, DATE '9999-12-31')
            ELSE coded.start_date
        END AS last_day
    FROM coded
    LEFT JOIN cohort_role AS role
        ON role.part = coded.part AND role.code_role = coded.code_role
    LEFT JOIN cohort_place AS place
        ON place.part = coded.part AND place.care_setting = coded.care_setting
    WHERE (coded.any_role OR role.code_role IS NOT NULL)
        AND (coded.any_setting OR place.care_setting IS NOT NULL)
    UNION ALL
    SELECT
        wanted.fact, onset.subject_id, onset.onset_date, onset.onset_date, onset.onset_date,
        DATE '9999-12-31'
    FROM disease_onset AS onset
    INNER JOIN cohort_wanted AS wanted
        ON wanted.source = 'onset' AND wanted.definition = onset.definition
    UNION ALL
    SELECT
        wanted.fact, stay.subject_id, stay.start_date, stay.end_date, stay.end_date, stay.end_date
    FROM disease_stay AS stay
    INNER JOIN cohort_wanted AS wanted
        ON wanted.source = 'disease stay' AND wanted.definition = stay.definition
        AND (wanted.state IS NULL OR wanted.state = stay.state)
    UNION ALL
    SELECT
        wanted.fact, met.subject_id, met.met_on, met.last_on, met.met_on, met.last_on
    FROM cohort_disease AS met
    INNER JOIN cohort_wanted AS wanted
        ON wanted.source = 'disease' AND wanted.definition = met.definition
        AND (wanted.state IS NULL OR wanted.state = met.state)
),
counted AS (
    SELECT
        dated.*,
        min(dated.first_day) OVER (PARTITION BY dated.fact, dated.subject_id) AS earliest
    FROM dated
    WHERE dated.first_day IS NOT NULL
)
SELECT DISTINCT
    counted.fact, counted.subject_id, counted.start_date, counted.end_date, counted.first_day,
    counted.last_day
FROM counted
INNER JOIN (SELECT DISTINCT fact, only_first FROM cohort_wanted) AS wanted
    ON wanted.fact = counted.fact
WHERE NOT wanted.only_first OR counted.first_day = counted.earliest
