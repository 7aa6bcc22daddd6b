-- One row per subject of a bucket, criterion and span of years: its earliest fact. `fact_key` holds
-- the day on which it was met, then the day on which it was known, counted from 1500: the smallest
-- one is the earliest, and no tie is left.
SELECT
    definition, criterion_bit, subject_id, first_year, last_year,
    min(
        days_between(DATE '1500-01-01', met_on) * 10000000
        + days_between(DATE '1500-01-01', known_date)
    ) AS fact_key
FROM disease_met
WHERE stay_id IS NULL
GROUP BY definition, criterion_bit, subject_id, first_year, last_year
