-- One row per month of a period, counted from its first day: from a day to the day before the same day of the next month,
-- or before the first of the month after where a month has no such day.
WITH numbered AS (
    SELECT
        period.subject_id,
        period.period_no,
        period.start_date,
        period.end_date,
        month_number.month_no,
        CAST(month(period.start_date) - 1 + month_number.month_no - 1 AS INTEGER) AS months,
        CAST(month(period.start_date) - 1 + month_number.month_no AS INTEGER) AS months_after
    FROM care_period AS period
    CROSS JOIN month_number
),
bounded AS (
    SELECT
        subject_id,
        period_no,
        month_no,
        end_date,
        coalesce(
            date_of(
                CAST(year(start_date) + (months - months % 12) / 12 AS INTEGER), months % 12 + 1, day(start_date)
            ),
            date_of(
                CAST(year(start_date) + (months_after - months_after % 12) / 12 AS INTEGER), months_after % 12 + 1, 1
            )
        ) AS first_day,
        coalesce(
            date_of(
                CAST(year(start_date) + (months_after - months_after % 12) / 12 AS INTEGER),
                months_after % 12 + 1,
                day(start_date)
            ),
            date_of(
                CAST(year(start_date) + (months_after + 1 - (months_after + 1) % 12) / 12 AS INTEGER),
                (months_after + 1) % 12 + 1,
                1
            )
        ) AS next_first_day
    FROM numbered
)
SELECT
    subject_id,
    period_no,
    month_no,
    first_day,
    CASE WHEN next_first_day > end_date THEN add_days(end_date, 1) ELSE next_first_day END AS day_after
FROM bounded
WHERE first_day <= end_date
