-- One row per subject of one bucket with care more than 30 days after death (Santé publique France,
-- SNDS, 2020). A cancelled claim is no care: the lines of a day are summed.
WITH death AS (
    SELECT subject_id, add_days(death_date, 30) AS last_day FROM patient WHERE death_date IS NOT NULL
),
billed_day AS (
    SELECT cost_line.subject_id
    FROM cost_line
    INNER JOIN death ON death.subject_id = cost_line.subject_id
    WHERE cost_line.start_date > death.last_day
    GROUP BY cost_line.subject_id, cost_line.start_date
    HAVING sum(cost_line.billed) > 0
)
SELECT event.subject_id
FROM event
INNER JOIN death ON death.subject_id = event.subject_id
WHERE event.event_type IN ({care_types}) AND event.start_date > death.last_day
UNION
SELECT subject_id FROM billed_day
