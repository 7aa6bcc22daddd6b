-- One row per purchase with the days that it supplies, by their numbers (from `first_day` to before `day_after`, counted from
-- 1900-01-01). Nights in hospital that are left out have no number: a supply is not used in them, and lasts as much longer.
-- Where early refills move forward (carry = all), a supply begins when the ones before it are used up: with S the running sum of
-- days, the day after supply i is S_i + max over j <= i of (start_j - S_(j-1)). More than reset_days after the days of the
-- purchase before, nothing is left of it: the sum is new.
WITH waited AS (
    SELECT
        purchase.pathway,
        purchase.subject_id,
        purchase.period_no,
        purchase.exposure_id,
        sum(
            days_between(
                stretch.first_day,
                CASE WHEN stretch.day_after > purchase.start_date THEN purchase.start_date ELSE stretch.day_after END
            )
        ) AS nights
    FROM pathway_purchase AS purchase
    INNER JOIN period_stretch AS stretch
        ON stretch.pathway = purchase.pathway
        AND stretch.subject_id = purchase.subject_id
        AND stretch.period_no = purchase.period_no
        AND stretch.first_day < purchase.start_date
    GROUP BY purchase.pathway, purchase.subject_id, purchase.period_no, purchase.exposure_id
),
counted AS (
    SELECT
        purchase.*,
        setting.carry,
        setting.reset_days,
        days_between(DATE '1900-01-01', purchase.start_date) - coalesce(waited.nights, 0) AS start_day,
        days_between(purchase.start_date, purchase.end_date) + 1 AS days
    FROM pathway_purchase AS purchase
    INNER JOIN setting ON setting.pathway = purchase.pathway
    LEFT JOIN waited
        ON waited.pathway = purchase.pathway
        AND waited.subject_id = purchase.subject_id
        AND waited.period_no = purchase.period_no
        AND waited.exposure_id = purchase.exposure_id
),
ordered AS (
    SELECT
        *,
        lag(start_day + days) OVER (
            PARTITION BY pathway, subject_id, period_no, treatment_bit
            ORDER BY start_date, end_date, exposure_id
        ) AS day_after_before
    FROM counted
),
stocked AS (
    SELECT
        *,
        sum(CASE WHEN start_day - day_after_before > reset_days THEN 1 ELSE 0 END) OVER (
            PARTITION BY pathway, subject_id, period_no, treatment_bit
            ORDER BY start_date, end_date, exposure_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS stock
    FROM ordered
),
summed AS (
    SELECT
        *,
        CAST(
            sum(days) OVER (
                PARTITION BY pathway, subject_id, period_no, treatment_bit, stock
                ORDER BY start_date, end_date, exposure_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS days_so_far
    FROM stocked
),
moved AS (
    SELECT
        *,
        days_so_far + max(start_day - (days_so_far - days)) OVER (
            PARTITION BY pathway, subject_id, period_no, treatment_bit, stock
            ORDER BY start_date, end_date, exposure_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS day_used_up
    FROM summed
)
SELECT
    pathway,
    subject_id,
    period_no,
    treatment_bit,
    exposure_id,
    start_date,
    days,
    CAST(CASE WHEN carry = 'all' THEN day_used_up - days ELSE start_day END AS BIGINT) AS first_day,
    CAST(CASE WHEN carry = 'all' THEN day_used_up ELSE start_day + days END AS BIGINT) AS day_after
FROM moved
