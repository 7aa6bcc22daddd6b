-- One row per period of a cohort and period of a pool that is drawn for it: both are alike in all that
-- is asked (a value that is unknown is like no other). The draw is a digest of the seed and the
-- period, so that it does not depend on the order of rows. Subjects of the cohort are not in the pool.
-- Without replacement a subject of the pool serves once, by one of its periods.
WITH period AS (
    SELECT TRUE AS is_case, subject_id, period_no, index_date FROM {cases}
    UNION ALL
    SELECT FALSE, pool.subject_id, pool.period_no, pool.index_date
    FROM {pool} AS pool
    LEFT JOIN (SELECT DISTINCT subject_id FROM {cases}) AS own ON own.subject_id = pool.subject_id
    WHERE own.subject_id IS NULL
),
aged AS (
    SELECT
        period.is_case, period.subject_id, period.period_no, period.index_date, patient.sex,
        patient.birth_date,
        year(period.index_date) - year(patient.birth_date)
        - CASE WHEN month(period.index_date) * 100 + day(period.index_date)
            < month(patient.birth_date) * 100 + day(patient.birth_date) THEN 1 ELSE 0 END AS age
    FROM period
    INNER JOIN patient ON patient.subject_id = period.subject_id
),
housed AS (
    SELECT period.subject_id, period.index_date, min(residence.department) AS department
    FROM (SELECT DISTINCT subject_id, index_date FROM period) AS period
    INNER JOIN residence
        ON residence.subject_id = period.subject_id
        AND (residence.start_date IS NULL OR residence.start_date <= period.index_date)
        AND (residence.end_date IS NULL OR residence.end_date >= period.index_date)
    WHERE {by_department}
    GROUP BY period.subject_id, period.index_date
),
likeness AS (
    SELECT
        aged.is_case, aged.subject_id, aged.period_no, aged.index_date,
        CASE WHEN {by_age} THEN CAST(aged.age - aged.age % {age_width} AS STRING) ELSE '' END
        || '/' || CASE WHEN {by_birth_year} THEN CAST(year(aged.birth_date) AS STRING) ELSE '' END
        || '/' || CASE WHEN {by_sex} THEN aged.sex ELSE '' END
        || '/' || CASE WHEN {by_year} THEN CAST(year(aged.index_date) AS STRING) ELSE '' END
        || '/' || CASE WHEN {by_department} THEN housed.department ELSE '' END AS stratum,
        digest(
            '{seed}/' || CAST(aged.subject_id AS STRING) || '/' || CAST(aged.period_no AS STRING)
        ) AS draw
    FROM aged
    LEFT JOIN housed
        ON housed.subject_id = aged.subject_id AND housed.index_date = aged.index_date
),
one_case AS (
    SELECT
        stratum, subject_id, period_no, index_date, draw,
        row_number() OVER (PARTITION BY stratum ORDER BY draw, subject_id, period_no) AS place,
        count(*) OVER (PARTITION BY stratum) AS n_cases
    FROM likeness
    WHERE is_case AND stratum IS NOT NULL
),
candidate AS (
    SELECT
        pool.stratum, pool.subject_id, pool.period_no, pool.index_date, pool.draw,
        row_number() OVER (PARTITION BY pool.subject_id ORDER BY pool.draw, pool.period_no) AS of_subject
    FROM likeness AS pool
    INNER JOIN (SELECT DISTINCT stratum, n_cases FROM one_case) AS own
        ON own.stratum = pool.stratum
    WHERE NOT pool.is_case
),
drawn AS (
    SELECT
        stratum, subject_id, period_no, index_date,
        row_number() OVER (PARTITION BY stratum ORDER BY draw, subject_id, period_no) AS place,
        count(*) OVER (PARTITION BY stratum) AS n_pool
    FROM candidate
    WHERE {with_replacement} OR of_subject = 1
),
slot AS (
{slots}
)
SELECT
    one_case.subject_id AS case_subject_id,
    CAST(one_case.period_no AS INTEGER) AS case_period_no,
    one_case.index_date AS case_index_date, drawn.subject_id,
    CAST(drawn.period_no AS INTEGER) AS period_no, drawn.index_date, one_case.stratum
FROM one_case
INNER JOIN drawn
    ON drawn.stratum = one_case.stratum
    AND drawn.place <= one_case.n_cases * {ratio}
    AND (drawn.place - 1) % one_case.n_cases + 1 = one_case.place
WHERE NOT {with_replacement}
UNION ALL
SELECT
    one_case.subject_id, CAST(one_case.period_no AS INTEGER), one_case.index_date,
    drawn.subject_id, CAST(drawn.period_no AS INTEGER), drawn.index_date, one_case.stratum
FROM one_case
CROSS JOIN slot
INNER JOIN drawn
    ON drawn.stratum = one_case.stratum AND slot.slot <= drawn.n_pool
    AND drawn.place = (digest_bits(one_case.draw, 20) + slot.slot) % drawn.n_pool + 1
WHERE {with_replacement}
