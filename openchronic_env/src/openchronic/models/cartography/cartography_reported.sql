-- One row per subject and disease that the cartography of one year states.
WITH ill AS (
{diseases}
)
SELECT DISTINCT {year} AS year, ill.disease, person.subject_id
FROM ill
INNER JOIN cartography_person AS person ON person.ID_CARTO = ill.ID_CARTO
WHERE person.subject_id IS NOT NULL
