-- One row per run: consecutive days of a period with the same set of treatments (`held`, one bit each), by a sweep over the
-- days on which an era begins or has ended. The rules are those of TreatmentPatterns' combination window, made independent of
-- the order of rows and of other persons:
--   a combination shorter than combination_days gives its days to the next lasting set in the same block of covered days, if
--   that set is part of it (a handover: A, A+B, B is A, B), else to the one before (a short addition: A, A+B, A is A).
-- Windows name the subject first: what tells most rows apart is compared first, and a sort takes less.
WITH lasting AS (
    SELECT pathway_era.*
    FROM pathway_era
    INNER JOIN setting ON setting.pathway = pathway_era.pathway
    WHERE days_between(pathway_era.first_day, pathway_era.day_after) >= setting.min_era_days
),
-- Each era is two changes of what is held. A union of both would have Spark deal the rows by subject once more.
boundary AS (
    SELECT
        lasting.pathway,
        lasting.subject_id,
        lasting.period_no,
        CASE WHEN side.more = 1 THEN lasting.first_day ELSE lasting.day_after END AS day,
        side.more * lasting.treatment_bit AS change,
        side.more,
        CASE WHEN side.more = 1 THEN lasting.treatment_bit ELSE 0 END AS started
    FROM lasting
    CROSS JOIN (VALUES (1), (-1)) AS side (more)
),
-- The sums of a day are right in its last row, whichever of its changes that is.
summed AS (
    SELECT
        pathway,
        subject_id,
        period_no,
        day AS first_day,
        lead(day) OVER (PARTITION BY subject_id, period_no, pathway ORDER BY day) AS day_after,
        sum(change) OVER (
            PARTITION BY subject_id, period_no, pathway ORDER BY day
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS held,
        sum(more) OVER (
            PARTITION BY subject_id, period_no, pathway ORDER BY day
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS n_held,
        sum(started) OVER (
            PARTITION BY subject_id, period_no, pathway ORDER BY day
            RANGE BETWEEN CURRENT ROW AND CURRENT ROW
        ) AS started
    FROM boundary
),
swept AS (
    SELECT
        pathway,
        subject_id,
        period_no,
        first_day,
        day_after,
        CAST(held AS BIGINT) AS held,
        n_held,
        CAST(started AS BIGINT) AS started
    FROM summed
    WHERE day_after IS NULL OR day_after <> first_day
),
blocks AS (
    SELECT
        *,
        sum(CASE WHEN held = 0 THEN 1 ELSE 0 END) OVER (
            PARTITION BY subject_id, period_no, pathway ORDER BY first_day
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS block
    FROM swept
),
segment AS (
    SELECT
        blocks.*,
        blocks.n_held > 1 AND days_between(blocks.first_day, blocks.day_after) < setting.combination_days AS is_short
    FROM blocks
    INNER JOIN setting ON setting.pathway = blocks.pathway
    WHERE blocks.held <> 0
),
-- The lasting segments before and after each one, in its block.
neighbours AS (
    SELECT
        *,
        max(n_held) OVER (
            PARTITION BY subject_id, period_no, pathway, block ORDER BY first_day
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) > 1 AS is_part,
        max_by(held, CASE WHEN NOT is_short THEN first_day END) OVER (
            PARTITION BY subject_id, period_no, pathway, block ORDER BY first_day
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS held_before,
        min_by(held, CASE WHEN NOT is_short THEN first_day END) OVER (
            PARTITION BY subject_id, period_no, pathway, block ORDER BY first_day
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS held_after
    FROM segment
),
settled AS (
    SELECT
        pathway,
        subject_id,
        period_no,
        block,
        first_day,
        day_after,
        started,
        is_part,
        CASE
            WHEN NOT is_short THEN held
            WHEN (held_after & held) = held_after THEN held_after
            WHEN (held_before & held) = held_before THEN held_before
            ELSE held
        END AS held
    FROM neighbours
),
beside AS (
    SELECT
        *,
        lag(held) OVER (PARTITION BY subject_id, period_no, pathway ORDER BY first_day) AS last_held,
        lag(block) OVER (PARTITION BY subject_id, period_no, pathway ORDER BY first_day) AS last_block,
        lag(day_after) OVER (PARTITION BY subject_id, period_no, pathway ORDER BY first_day) AS last_day_after,
        last_value(day_after) OVER (
            PARTITION BY subject_id, period_no, pathway ORDER BY first_day
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS end_of_all
    FROM settled
),
-- A treatment that was held and starts again begins another run: only where eras that touch are kept apart.
begun AS (
    SELECT *
    FROM beside
    WHERE last_held IS NULL OR last_held <> held OR last_block <> block OR ((started & held) & last_held) <> 0
)
SELECT
    pathway,
    subject_id,
    period_no,
    held,
    first_day,
    coalesce(
        lead(last_day_after) OVER (PARTITION BY subject_id, period_no, pathway ORDER BY first_day), end_of_all
    ) AS day_after,
    is_part
FROM begun
