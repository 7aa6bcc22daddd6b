-- One row per variable and level that describes the periods of a cohort on their index day, or per
-- variable that has a mean: age in completed years, sex, area of residence, the days of the follow-up,
-- and diseases whose onset is not after the index day. Shares are those of all periods, those of
-- whom the value is unknown included.
WITH period AS (
    SELECT subject_id, period_no, index_date, end_date FROM {cohort}
),
known AS (
    SELECT
        period.subject_id, period.period_no, period.index_date,
        CAST(days_between(period.index_date, period.end_date) AS DOUBLE) AS follow_up_days,
        coalesce(patient.sex, 'unknown') AS sex,
        year(period.index_date) - year(patient.birth_date)
        - CASE WHEN month(period.index_date) * 100 + day(period.index_date)
            < month(patient.birth_date) * 100 + day(patient.birth_date) THEN 1 ELSE 0 END AS age
    FROM period
    INNER JOIN patient ON patient.subject_id = period.subject_id
),
housed AS (
    SELECT period.subject_id, period.period_no, min(coalesce(area.area, 'other')) AS area
    FROM period
    INNER JOIN residence
        ON residence.subject_id = period.subject_id
        AND (residence.start_date IS NULL OR residence.start_date <= period.index_date)
        AND (residence.end_date IS NULL OR residence.end_date >= period.index_date)
    LEFT JOIN cohort_area AS area ON area.department = residence.department
    WHERE residence.department IS NOT NULL
    GROUP BY period.subject_id, period.period_no
),
level AS (
    SELECT
        subject_id, 'age' AS variable,
        CASE WHEN age IS NULL THEN 'unknown' WHEN age >= 90 THEN '90+'
            ELSE lpad(CAST(age - age % 10 AS STRING), 2, '0') || '-'
                || lpad(CAST(age - age % 10 + 9 AS STRING), 2, '0') END AS level
    FROM known
    UNION ALL
    SELECT subject_id, 'sex', sex FROM known
    UNION ALL
    SELECT known.subject_id, 'residence', coalesce(housed.area, 'unknown')
    FROM known
    LEFT JOIN housed
        ON housed.subject_id = known.subject_id AND housed.period_no = known.period_no
    UNION ALL
    SELECT known.subject_id, 'disease', onset.definition
    FROM known
    INNER JOIN disease_onset AS onset
        ON onset.subject_id = known.subject_id AND onset.onset_date <= known.index_date
),
total AS (
    SELECT count(*) AS n_periods FROM period
)
SELECT
    level.variable, level.level, count(*) AS n_periods,
    count(DISTINCT level.subject_id) AS n_subjects,
    CAST(count(*) AS DOUBLE) / max(total.n_periods) AS share_of_periods,
    CAST(NULL AS DOUBLE) AS mean, CAST(NULL AS DOUBLE) AS standard_deviation
FROM level
CROSS JOIN total
GROUP BY level.variable, level.level
UNION ALL
SELECT
    'age', 'mean', count(age), count(DISTINCT CASE WHEN age IS NOT NULL THEN subject_id END),
    CAST(count(age) AS DOUBLE) / nullif(count(*), 0), avg(CAST(age AS DOUBLE)),
    stddev_samp(CAST(age AS DOUBLE))
FROM known
UNION ALL
SELECT
    'follow_up_days', 'mean', count(*), count(DISTINCT subject_id),
    CAST(count(*) AS DOUBLE) / nullif(count(*), 0), avg(follow_up_days), stddev_samp(follow_up_days)
FROM known
