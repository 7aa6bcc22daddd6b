-- One row per subject and disease that the cartography of one year states.
WITH stated AS (
{tops}
)
SELECT DISTINCT {year} AS year, compared_top.disease, person.subject_id
FROM stated
INNER JOIN compared_top ON compared_top.top = stated.top
INNER JOIN cartography_person AS person ON person.ID_CARTO = stated.ID_CARTO
WHERE person.subject_id IS NOT NULL
