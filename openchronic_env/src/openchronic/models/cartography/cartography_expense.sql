-- One row per year, expense, sex and age: the patients of the national cartography who have the
-- expense in each source, those whose amounts agree (within 5 % or one euro), and the sums of both
-- sources.
WITH said AS (
    SELECT year, expense, subject_id, amount AS national, 0 AS ours FROM reported_expense
    UNION ALL
    SELECT found.year, found.expense, found.subject_id, 0, found.amount
    FROM found_expense AS found
    INNER JOIN (SELECT DISTINCT year, expense FROM reported_expense) AS asked
        ON asked.year = found.year AND asked.expense = found.expense
),
spent AS (
    SELECT year, expense, subject_id, sum(national) AS national, sum(ours) AS ours
    FROM said
    GROUP BY year, expense, subject_id
)
SELECT
    CAST(spent.year AS INTEGER) AS year,
    spent.expense,
    mapped_people.sex,
    mapped_people.age_class,
    count(*) AS n_patients,
    count(*) FILTER (
        WHERE abs(spent.national - spent.ours) <= greatest(1, 0.05 * abs(spent.national))
    ) AS n_close,
    CAST(sum(spent.national) AS DECIMAL(18, 2)) AS national_amount,
    CAST(sum(spent.ours) AS DECIMAL(18, 2)) AS release_amount
FROM spent
INNER JOIN mapped_people
    ON mapped_people.year = spent.year AND mapped_people.subject_id = spent.subject_id
WHERE spent.national <> 0 OR spent.ours <> 0
GROUP BY spent.year, spent.expense, mapped_people.sex, mapped_people.age_class
