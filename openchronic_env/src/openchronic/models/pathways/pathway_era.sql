-- One row per era of one treatment in one period: its purchases, joined across short gaps. Eras of a treatment are disjoint.
-- By the pathway's kind of era:
--   gap              uncovered days since the furthest end of the era: at most max_gap_days (TreatmentPatterns' collapse, from
--                    the furthest end in place of that of the row before)
--   purchase_count   a purchase after the one before by at most its days and grace_days; ends after the sum of all days
--                    (SCALPEL-Extraction, PurchaseCountBased)
--   latest_purchase  the same; ends with the last purchase (SCALPEL-Extraction, LatestPurchaseBased)
--   unlimited        from the purchase that makes era_purchases within era_window_days, to the end of the period (the same)
-- Each kind reads its own purchases alone: sorting those of others would double the time.
WITH by_gap AS (
    SELECT
        purchase.*,
        setting.max_gap_days,
        max(purchase.end_date) OVER (
            PARTITION BY purchase.pathway, purchase.subject_id, purchase.period_no, purchase.treatment_bit
            ORDER BY purchase.start_date, purchase.end_date, purchase.exposure_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_to,
        max(purchase.end_date) OVER (
            PARTITION BY purchase.pathway, purchase.subject_id, purchase.period_no, purchase.treatment_bit
            ORDER BY purchase.start_date, purchase.end_date, purchase.exposure_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS last_end
    FROM pathway_purchase AS purchase
    INNER JOIN setting ON setting.pathway = purchase.pathway
    WHERE setting.era = 'gap'
),
-- What begins an era; the furthest end before the next one that does is its own.
first_by_gap AS (
    SELECT *
    FROM by_gap
    WHERE covered_to IS NULL OR days_between(covered_to, start_date) - 1 > max_gap_days
),
ended_by_gap AS (
    SELECT
        pathway,
        subject_id,
        period_no,
        treatment_bit,
        start_date AS first_day,
        coalesce(
            lead(covered_to) OVER (
                PARTITION BY pathway, subject_id, period_no, treatment_bit ORDER BY start_date, end_date, exposure_id
            ),
            last_end
        ) AS last_day
    FROM first_by_gap
),
by_purchase AS (
    SELECT
        purchase.*,
        setting.era,
        setting.grace_days,
        row_number() OVER (
            PARTITION BY purchase.pathway, purchase.subject_id, purchase.period_no, purchase.treatment_bit
            ORDER BY purchase.start_date, purchase.end_date, purchase.exposure_id
        ) AS purchase_no,
        lag(purchase.start_date) OVER (
            PARTITION BY purchase.pathway, purchase.subject_id, purchase.period_no, purchase.treatment_bit
            ORDER BY purchase.start_date, purchase.end_date, purchase.exposure_id
        ) AS start_before,
        lag(purchase.end_date) OVER (
            PARTITION BY purchase.pathway, purchase.subject_id, purchase.period_no, purchase.treatment_bit
            ORDER BY purchase.start_date, purchase.end_date, purchase.exposure_id
        ) AS end_before
    FROM pathway_purchase AS purchase
    INNER JOIN setting ON setting.pathway = purchase.pathway
    WHERE setting.era IN ('purchase_count', 'latest_purchase')
),
numbered AS (
    SELECT
        *,
        sum(
            CASE
                WHEN days_between(start_before, start_date) <= days_between(start_before, end_before) + 1 + grace_days
                    THEN 0
                ELSE 1
            END
        ) OVER (
            PARTITION BY pathway, subject_id, period_no, treatment_bit
            ORDER BY start_date, end_date, exposure_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS era_no
    FROM by_purchase
),
purchased AS (
    SELECT
        pathway,
        subject_id,
        period_no,
        treatment_bit,
        min(start_date) AS first_day,
        CASE max(era)
            WHEN 'purchase_count'
                THEN add_days(min(start_date), sum(days_between(start_date, end_date) + 1))
            ELSE add_days(max_by(end_date, purchase_no), 1)
        END AS day_after
    FROM numbered
    GROUP BY pathway, subject_id, period_no, treatment_bit, era_no
),
-- A sum of days may go beyond the day on which the next era begins, and a purchase of before beyond the last one.
before_next AS (
    SELECT
        *,
        lead(first_day) OVER (
            PARTITION BY pathway, subject_id, period_no, treatment_bit ORDER BY first_day, day_after
        ) AS next_first_day
    FROM purchased
),
ranked AS (
    SELECT
        purchase.pathway,
        purchase.subject_id,
        purchase.period_no,
        purchase.treatment_bit,
        purchase.start_date,
        setting.era_purchases,
        setting.era_window_days,
        row_number() OVER (
            PARTITION BY purchase.pathway, purchase.subject_id, purchase.period_no, purchase.treatment_bit
            ORDER BY purchase.start_date, purchase.end_date, purchase.exposure_id
        ) AS purchase_no
    FROM pathway_purchase AS purchase
    INNER JOIN setting ON setting.pathway = purchase.pathway
    WHERE setting.era = 'unlimited'
),
last_of_period AS (
    SELECT pathway, subject_id, period_no, max(last_day) AS last_day
    FROM pathway_period
    GROUP BY pathway, subject_id, period_no
),
-- A left join leaves rows, on Spark, as those of its first side are dealt, so that those of the union below are dealt alike.
begun AS (
    SELECT
        later.pathway,
        later.subject_id,
        later.period_no,
        later.treatment_bit,
        min(
            CASE
                WHEN days_between(earlier.start_date, later.start_date) < later.era_window_days THEN later.start_date
            END
        ) AS first_day,
        add_days(max(period.last_day), 1) AS day_after
    FROM ranked AS later
    LEFT JOIN ranked AS earlier
        ON earlier.pathway = later.pathway
        AND earlier.subject_id = later.subject_id
        AND earlier.period_no = later.period_no
        AND earlier.treatment_bit = later.treatment_bit
        AND earlier.purchase_no = later.purchase_no - later.era_purchases + 1
    LEFT JOIN last_of_period AS period
        ON period.pathway = later.pathway
        AND period.subject_id = later.subject_id
        AND period.period_no = later.period_no
    GROUP BY later.pathway, later.subject_id, later.period_no, later.treatment_bit
),
unlimited AS (
    SELECT * FROM begun WHERE first_day IS NOT NULL
)
SELECT pathway, subject_id, period_no, treatment_bit, first_day, add_days(last_day, 1) AS day_after
FROM ended_by_gap
UNION ALL
SELECT
    pathway,
    subject_id,
    period_no,
    treatment_bit,
    first_day,
    CASE WHEN next_first_day < day_after THEN next_first_day ELSE day_after END AS day_after
FROM before_next
UNION ALL
SELECT pathway, subject_id, period_no, treatment_bit, first_day, day_after
FROM unlimited
