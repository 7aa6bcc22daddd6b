-- One row per contact of a period: facts that follow one another with the same node, on the same day or, where repeats are
-- collapsed, on any. Facts of a day are in the order of the release. `last_start`: the first day of its last fact.
WITH beside AS (
    SELECT
        *,
        lag(node) OVER (
            PARTITION BY subject_id, period_no ORDER BY start_date, order_in_day, event_id
        ) AS last_node,
        lag(start_date) OVER (
            PARTITION BY subject_id, period_no ORDER BY start_date, order_in_day, event_id
        ) AS start_before
    FROM care_fact
),
numbered AS (
    SELECT
        *,
        sum(CASE WHEN last_node = node AND ({collapse_repeats} OR start_before = start_date) THEN 0 ELSE 1 END) OVER (
            PARTITION BY subject_id, period_no ORDER BY start_date, order_in_day, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS step
    FROM beside
)
SELECT
    subject_id,
    period_no,
    CAST(step AS INTEGER) AS step,
    node,
    min(start_date) AS first_day,
    max(start_date) AS last_start,
    max(end_date) AS last_day,
    CAST(count(*) AS INTEGER) AS n_facts
FROM numbered
GROUP BY subject_id, period_no, step, node
