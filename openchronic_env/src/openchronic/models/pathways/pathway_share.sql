-- One row per pathway and path. There is one denominator: all periods of the cohort, those without treatment included.
WITH total AS (
    SELECT pathway, count(*) AS n_periods FROM pathway GROUP BY pathway
),
found AS (
    SELECT pathway, path, count(*) AS n_periods, count(DISTINCT subject_id) AS n_subjects
    FROM pathway
    GROUP BY pathway, path
)
SELECT
    found.pathway,
    found.path,
    found.n_periods,
    found.n_subjects,
    CAST(found.n_periods AS DOUBLE) / total.n_periods AS share_of_periods
FROM found
INNER JOIN total ON total.pathway = found.pathway
