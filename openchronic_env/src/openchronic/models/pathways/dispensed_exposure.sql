-- One row per subject, treatment and day on which it was dispensed: the exposure that a dispensing is taken for. Packs of a day
-- count once, by the one of most days (per = day), or each (per = pack; what is dispensed by unit is one pack). A drug given or
-- sold by a hospital counts as days_hospital.
WITH dispensed AS (
    SELECT
        supply_days.pathway,
        supply_days.treatment,
        event.subject_id,
        event.start_date,
        max(
            CASE WHEN event.event_type = 'hospital_drug' THEN treatment.days_hospital ELSE supply_days.days END
        ) AS most_days,
        sum(
            CASE
                WHEN event.event_type = 'hospital_drug' OR treatment.per = 'day' THEN 0
                WHEN ',' || coalesce(event.flags, '') || ',' LIKE '%,by_unit,%' OR event.quantity IS NULL
                    THEN supply_days.days
                ELSE supply_days.days * CAST(ceil(CAST(event.quantity AS DOUBLE)) AS BIGINT)
            END
        ) AS days_of_packs
    FROM dispensed_event AS event
    INNER JOIN supply_days ON supply_days.vocabulary = event.vocabulary AND supply_days.code = event.code
    INNER JOIN treatment
        ON treatment.pathway = supply_days.pathway AND treatment.treatment = supply_days.treatment
    WHERE event.event_type IN ('drug', 'hospital_drug') AND event.start_date IS NOT NULL
    GROUP BY supply_days.pathway, supply_days.treatment, event.subject_id, event.start_date
)
SELECT
    pathway,
    subject_id,
    treatment,
    start_date,
    add_days(start_date, CAST(CASE WHEN days_of_packs > most_days THEN days_of_packs ELSE most_days END AS INTEGER) - 1)
        AS end_date
FROM dispensed
