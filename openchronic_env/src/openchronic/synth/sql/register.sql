-- Deaths as the certificates state them, and the national cartography.
CREATE OR REPLACE TABLE certificate AS
WITH dead AS (
    SELECT *, bits('certificate', person) AS random FROM person WHERE died IS NOT NULL
)
SELECT d.*, chance(d.random, 1, 40) AS contradictory,
    -- Some certificates state another day.
    CASE WHEN chance(d.random, 1, 40) THEN d.died + 1 + below(d.random, 2, 9) ELSE d.died END
        AS certified,
    CASE WHEN slice(d.random, 3) % 9 = 0 THEN 'R99'
        ELSE coalesce(left(c.icd10, 4), ['I64', 'I509', 'C349', 'J189'][1 + slice(d.random, 3) % 4]) END
        AS cause
FROM dead AS d
LEFT JOIN (SELECT person, min(icd10) AS icd10 FROM condition GROUP BY person) AS c USING (person)
-- The other certificates could not be matched to a patient: a project does not receive them.
WHERE chance(d.random, 0, 880);

CREATE OR REPLACE TABLE mapped AS
SELECT p.person, p.sex, p.born, p.died, p.department, p.scheme, p.psa, p.gem, y.year,
    pseudonym('cartography', p.person) AS carto,
    coalesce(list(c.condition) FILTER (c.onset < y.new_year + 365), []) AS conditions
FROM person AS p CROSS JOIN year AS y LEFT JOIN condition AS c ON c.person = p.person
WHERE p.kind <> 'fictive' AND p.born < y.new_year + 365
    AND (p.died IS NULL OR p.died >= y.new_year)
GROUP BY ALL;
