-- One row per period with a treatment: what is before its first line.
SELECT
    pathway,
    subject_id,
    period_no,
    CAST(0 AS BIGINT) AS line,
    CAST(0 AS BIGINT) AS course,
    min(first_day) AS first_day,
    CAST(NULL AS STRING) AS opened_by,
    CAST(0 AS BIGINT) AS regimen
FROM line_era
GROUP BY pathway, subject_id, period_no
