-- One row per year, disease, sex and age reached in the year: the patients of the national
-- cartography who have the disease in both sources, in one only, in neither.
WITH size AS (
    SELECT year, sex, age_class, count(*) AS n FROM mapped_people GROUP BY year, sex, age_class
),
said AS (
    SELECT year, disease, subject_id, 1 AS reported, 0 AS found FROM reported
    UNION ALL
    SELECT found.year, found.definition, found.subject_id, 0, 1
    FROM found
    INNER JOIN compared ON compared.year = found.year AND compared.disease = found.definition
),
ill AS (
    SELECT year, disease, subject_id, max(reported) AS reported, max(found) AS found
    FROM said
    GROUP BY year, disease, subject_id
),
counted AS (
    SELECT
        people.year, ill.disease, people.sex, people.age_class,
        sum(ill.reported * ill.found) AS n_both,
        sum(ill.reported * (1 - ill.found)) AS n_cartography_only,
        sum((1 - ill.reported) * ill.found) AS n_release_only,
        count(*) AS n_ill
    FROM ill
    INNER JOIN mapped_people AS people ON people.year = ill.year AND people.subject_id = ill.subject_id
    GROUP BY people.year, ill.disease, people.sex, people.age_class
)
SELECT
    CAST(compared.year AS INTEGER) AS year,
    CAST(compared.version AS INTEGER) AS version,
    compared.disease,
    size.sex,
    size.age_class,
    CAST(coalesce(counted.n_both, 0) AS BIGINT) AS n_both,
    CAST(coalesce(counted.n_cartography_only, 0) AS BIGINT) AS n_cartography_only,
    CAST(coalesce(counted.n_release_only, 0) AS BIGINT) AS n_release_only,
    CAST(size.n - coalesce(counted.n_ill, 0) AS BIGINT) AS n_neither
FROM compared
INNER JOIN size
    ON size.year = compared.year AND (compared.sex = '' OR compared.sex = size.sex)
LEFT JOIN counted
    ON counted.year = compared.year AND counted.disease = compared.disease
    AND counted.sex = size.sex AND counted.age_class = size.age_class
