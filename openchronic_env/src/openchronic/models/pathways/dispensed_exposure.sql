-- One row per subject, treatment and day on which it was dispensed: the exposure that a dispensing is taken for. The SNDS has
-- neither days of supply nor doses: a day with a large pack (three months) counts as {days_large} days, any other as {days},
-- and several packs of a day once (SCALPEL-Extraction, thresholds of small and large packs). A drug given or sold by a
-- hospital counts as {days_hospital}.
WITH named AS (
    SELECT vocabulary, code, vocabulary AS said_in, code AS said, coalesce(is_large_pack, FALSE) AS is_large
    FROM code
    UNION ALL
    SELECT vocabulary, code, 'ATC', parent_code, coalesce(is_large_pack, FALSE)
    FROM code
    WHERE parent_vocabulary = 'ATC'
),
meant AS (
    SELECT DISTINCT prefix.treatment, named.vocabulary, named.code, named.is_large
    FROM named
    INNER JOIN treatment_prefix AS prefix
        ON prefix.vocabulary = named.said_in AND prefix.prefix = substr(named.said, 1, length(prefix.prefix))
),
dispensed AS (
    SELECT
        event.subject_id,
        meant.treatment,
        event.start_date,
        max(
            CASE
                WHEN event.event_type = 'hospital_drug' THEN {days_hospital}
                WHEN meant.is_large THEN {days_large}
                ELSE {days}
            END
        ) AS days
    FROM event
    INNER JOIN meant ON meant.vocabulary = event.vocabulary AND meant.code = event.code
    WHERE event.event_type IN ('drug', 'hospital_drug') AND event.start_date IS NOT NULL
    GROUP BY event.subject_id, meant.treatment, event.start_date
)
SELECT subject_id, treatment, start_date, add_days(start_date, days - 1) AS end_date
FROM dispensed
