-- One row per purchase with the days that it supplies. Where early refills move forward (carry = all), a supply begins when
-- the ones before it are used up: with S the running sum of days, the day after supply i is S_i + max over j <= i of
-- (start_j - S_(j-1)). More than reset_days after the days of the purchase before, nothing is left of it: the sum is new.
WITH ordered AS (
    SELECT
        purchase.*,
        setting.carry,
        setting.reset_days,
        days_between(DATE '1900-01-01', purchase.start_date) AS start_day,
        days_between(purchase.start_date, purchase.end_date) + 1 AS days,
        lag(purchase.end_date) OVER (
            PARTITION BY purchase.pathway, purchase.subject_id, purchase.period_no, purchase.treatment_bit
            ORDER BY purchase.start_date, purchase.end_date, purchase.exposure_id
        ) AS end_before
    FROM pathway_purchase AS purchase
    INNER JOIN setting ON setting.pathway = purchase.pathway
),
stocked AS (
    SELECT
        *,
        sum(CASE WHEN days_between(end_before, start_date) - 1 > reset_days THEN 1 ELSE 0 END) OVER (
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
    days,
    CASE WHEN carry = 'all' THEN add_days(DATE '1900-01-01', day_used_up - days) ELSE start_date END AS first_day,
    CASE WHEN carry = 'all' THEN add_days(DATE '1900-01-01', day_used_up) ELSE add_days(end_date, 1) END AS day_after
FROM moved
