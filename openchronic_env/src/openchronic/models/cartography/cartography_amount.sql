-- One row per subject and expense: the amount that the cartography of one year states.
WITH dep AS (
{amounts}
)
SELECT {year} AS year, dep.expense, person.subject_id, CAST(sum(dep.amount) AS DECIMAL(18, 5)) AS amount
FROM dep
INNER JOIN cartography_person AS person ON person.ID_CARTO = dep.ID_CARTO
WHERE person.subject_id IS NOT NULL AND dep.amount IS NOT NULL
GROUP BY dep.expense, person.subject_id
