-- One row per line of treatment of a period: its regimen, its first day, and the last day before the next line on which any
-- treatment of its course is held.
WITH opened AS (
    {every_line}
),
bounded AS (
    SELECT
        *,
        lead(first_day) OVER (PARTITION BY pathway, subject_id, period_no ORDER BY line) AS next_first_day
    FROM opened
),
ended AS (
    SELECT
        bounded.pathway,
        bounded.subject_id,
        bounded.period_no,
        bounded.line,
        bounded.regimen,
        bounded.first_day,
        bounded.opened_by,
        max(
            CASE WHEN era.day_after > bounded.next_first_day THEN bounded.next_first_day ELSE era.day_after END
        ) AS day_after
    FROM bounded
    INNER JOIN line_era AS era
        ON era.pathway = bounded.pathway
        AND era.subject_id = bounded.subject_id
        AND era.period_no = bounded.period_no
        AND era.course = bounded.course
        AND (bounded.next_first_day IS NULL OR era.first_day < bounded.next_first_day)
    GROUP BY
        bounded.pathway,
        bounded.subject_id,
        bounded.period_no,
        bounded.line,
        bounded.regimen,
        bounded.first_day,
        bounded.opened_by
)
SELECT
    ended.pathway,
    ended.subject_id,
    ended.period_no,
    CAST(ended.line AS INTEGER) AS line,
    ended.regimen,
    ended.first_day,
    add_days(ended.day_after, -1) AS last_day,
    CAST(days_between(ended.first_day, ended.day_after) AS INTEGER) AS days,
    ended.opened_by
FROM ended
INNER JOIN setting ON setting.pathway = ended.pathway
WHERE ended.line <= setting.max_lines
