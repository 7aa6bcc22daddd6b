-- One row per period in which exposures are looked for: a row of the cohort, moved by the offsets of its pathway. Where the
-- pathway joins periods, those of a subject have one number.
SELECT
    target.pathway,
    target.subject_id,
    CASE WHEN setting.joins_periods THEN 1 ELSE target.period_no END AS period_no,
    add_days(
        CASE WHEN setting.first_anchor = 'start' THEN target.start_date ELSE target.end_date END,
        setting.first_offset
    ) AS first_day,
    add_days(
        CASE WHEN setting.last_anchor = 'start' THEN target.start_date ELSE target.end_date END,
        setting.last_offset
    ) AS last_day
FROM target
INNER JOIN setting ON setting.pathway = target.pathway
