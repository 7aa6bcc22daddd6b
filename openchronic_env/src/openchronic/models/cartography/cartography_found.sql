-- One row per subject of a bucket, disease and year in which the events of the release show the
-- disease.
WITH marked AS (
    SELECT
        event.subject_id, event.start_date, event.end_date, event.stay_id,
        meant.disease, meant.kind, meant.years, meant.is_large
    FROM released_event AS event
    INNER JOIN meant
        ON meant.vocabulary = event.vocabulary AND meant.code = event.code
        AND meant.place = CASE
            WHEN event.event_type IN ('ald', 'drug') THEN event.event_type
            -- The definitions apply to stays in acute care.
            WHEN event.event_type = 'diagnosis' AND event.care_setting <> 'mco' THEN NULL
            WHEN event.event_type = 'diagnosis' AND event.code_role IN ('DP', 'DR') THEN 'main'
            WHEN event.event_type = 'diagnosis' AND event.code_role = 'DAS' THEN 'associated'
        END
),
-- The first and the last year in which one fact is enough. An open ALD has no end.
span AS (
    SELECT
        disease, subject_id, year(start_date) AS first_year, coalesce(year(end_date), 9999) AS last_year
    FROM marked
    WHERE kind = 'ald'
    UNION ALL
    SELECT disease, subject_id, year(end_date), year(end_date) + years
    FROM marked
    WHERE kind IN ('main', 'associated')
    UNION ALL
    SELECT complication.disease, complication.subject_id, year(complication.end_date),
        year(complication.end_date) + complication.years
    FROM marked AS complication
    INNER JOIN marked AS cause
        ON cause.stay_id = complication.stay_id AND cause.disease = complication.disease
        AND cause.kind = 'cause'
    WHERE complication.kind = 'complication'
    UNION ALL
    SELECT disease, subject_id, year(start_date), year(start_date) + years
    FROM marked
    WHERE kind = 'drug'
    GROUP BY disease, subject_id, year(start_date), years
    HAVING count(DISTINCT start_date) >= CASE WHEN bool_or(is_large) THEN 2 ELSE 3 END
)
SELECT DISTINCT compared.year, span.disease, span.subject_id
FROM span
INNER JOIN compared
    ON compared.disease = span.disease AND compared.year BETWEEN span.first_year AND span.last_year
