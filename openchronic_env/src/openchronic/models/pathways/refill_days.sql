-- One row per code of a treatment, with the days within which four in five dispensings in town are followed by the next one of
-- the treatment, over all subjects; those of a pack where nobody has two.
WITH dispensed AS (
    SELECT DISTINCT meant.pathway, meant.treatment, event.subject_id, event.start_date
    FROM dispensed_event AS event
    INNER JOIN treatment_code AS meant ON meant.vocabulary = event.vocabulary AND meant.code = event.code
    WHERE event.event_type = 'drug' AND event.start_date IS NOT NULL
),
followed AS (
    SELECT
        pathway,
        treatment,
        days_between(
            lag(start_date) OVER (PARTITION BY pathway, treatment, subject_id ORDER BY start_date), start_date
        ) AS days
    FROM dispensed
),
usual AS (
    SELECT pathway, treatment, percentile_disc(0.8) WITHIN GROUP (ORDER BY days) AS days
    FROM followed
    WHERE days IS NOT NULL
    GROUP BY pathway, treatment
)
SELECT
    meant.pathway,
    meant.treatment,
    meant.vocabulary,
    meant.code,
    CAST(coalesce(usual.days, treatment.days) AS BIGINT) AS days
FROM treatment_code AS meant
INNER JOIN treatment ON treatment.pathway = meant.pathway AND treatment.treatment = meant.treatment
LEFT JOIN usual ON usual.pathway = meant.pathway AND usual.treatment = meant.treatment
WHERE treatment.method = 'refill'
