-- One row per period of a cohort before its steps: a subject and an index day, numbered in the order
-- of days. `keep`: the first or the last of the days that are within bounds, all of them, or the
-- first of all where it is within bounds.
WITH placed AS (
    SELECT
        candidate.subject_id, candidate.index_date, wanted.keep, wanted.first_day, wanted.last_day,
        min(candidate.index_date) OVER (PARTITION BY candidate.subject_id) AS earliest
    FROM cohort_candidate AS candidate
    CROSS JOIN cohort_index AS wanted
    WHERE candidate.index_date IS NOT NULL
),
bounded AS (
    SELECT
        placed.*,
        row_number() OVER (PARTITION BY placed.subject_id ORDER BY placed.index_date) AS from_first,
        row_number() OVER (PARTITION BY placed.subject_id ORDER BY placed.index_date DESC)
            AS from_last
    FROM placed
    WHERE (placed.first_day IS NULL OR placed.index_date >= placed.first_day)
        AND (placed.last_day IS NULL OR placed.index_date <= placed.last_day)
)
SELECT
    subject_id,
    row_number() OVER (PARTITION BY subject_id ORDER BY index_date) AS period_no,
    index_date
FROM bounded
WHERE CASE keep
        WHEN 'first' THEN from_first = 1
        WHEN 'last' THEN from_last = 1
        WHEN 'first_ever' THEN index_date = earliest
        ELSE TRUE
    END
