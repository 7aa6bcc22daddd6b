-- One row per year, disease and criterion that found a patient whom the cartography does not have:
-- how many it found, and how many it found alone. This says which list is too wide.
WITH added AS (
    SELECT
        found.year, found.definition, found.subject_id, found.held & form.own_bits AS held,
        compared.version
    FROM found
    INNER JOIN compared ON compared.year = found.year AND compared.disease = found.definition
    INNER JOIN disease_form AS form ON form.definition = found.definition
    INNER JOIN mapped_people AS people
        ON people.year = found.year AND people.subject_id = found.subject_id
    LEFT JOIN reported
        ON reported.year = found.year AND reported.disease = found.definition
        AND reported.subject_id = found.subject_id
    WHERE reported.subject_id IS NULL AND (compared.sex = '' OR compared.sex = people.sex)
)
SELECT
    CAST(added.year AS INTEGER) AS year,
    CAST(added.version AS INTEGER) AS version,
    added.definition AS disease,
    place.criterion,
    count(*) AS n_release_only,
    CAST(sum(CASE WHEN added.held = place.criterion_bit THEN 1 ELSE 0 END) AS BIGINT) AS n_alone
FROM added
INNER JOIN disease_place AS place
    ON place.definition = added.definition AND (added.held & place.criterion_bit) <> 0
GROUP BY added.year, added.version, added.definition, place.criterion
