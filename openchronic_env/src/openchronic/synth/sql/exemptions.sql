-- One row of the medical referential: each ALD is renewed every five years, some rows are repeated
-- (an older version, with another end), some have no end.
CREATE OR REPLACE TABLE exemption AS
WITH period AS (
    SELECT c.person, c.condition, c.number, c.exemption, c.icd10, k,
        (c.onset + 1827 * k)::DATE AS began,
        bits('exemption', concat(c.person, ':', c.condition, ':', k)) AS random
    FROM condition AS c CROSS JOIN (SELECT i::INTEGER AS k FROM range(3) AS r(i)) AS t
    JOIN person AS p USING (person)
    WHERE c.onset + 1827 * k < least(getvariable('ending'), coalesce(p.died, getvariable('ending')))
),
ranked AS (
    SELECT *, k = max(k) OVER (PARTITION BY person, condition) AS last,
        chance(random, 1, 120) AS repeated
    FROM period
),
other AS (
    -- Exemptions that are no ALD: work accidents and maternity.
    SELECT person, '' AS condition, 0 AS number,
        CASE WHEN sex = 2 AND slice(random, 1) < 40000 THEN 55 ELSE 11 END AS exemption,
        CASE WHEN sex = 2 AND slice(random, 1) < 40000 THEN NULL ELSE 'S610' END AS icd10,
        getvariable('begin') + below(random, 2, getvariable('ending') - getvariable('begin'))
            AS began,
        random
    FROM (SELECT *, bits('other exemption', person) AS random FROM person)
    WHERE from_age IN (20, 40) AND kind <> 'fictive' AND chance(random, 0, 45)
)
SELECT person, condition,
    -- The number is sometimes missing; the diagnosis then identifies the illness.
    CASE WHEN chance(random, 2, 30) THEN 0 ELSE number END AS number,
    exemption,
    CASE WHEN slice(random, 3) % 20 = 0 THEN rpad(icd10, 5, ' ') ELSE icd10 END AS icd10,
    began,
    -- An older version may end before it begins.
    CASE WHEN version = 0 AND slice(random, 0) % 5 = 0 THEN began - 10
        WHEN version = 0 THEN began + 365
        WHEN last AND chance(random, 0, 150) THEN DATE '2099-12-31'
        WHEN last AND chance(random, 0, 230) THEN DATE '1600-01-01'
        ELSE began + 1826 END AS ended,
    began + 5 + 40 * version::INTEGER + below(random, 3, 30) AS inserted,
    repeated AND version = 0 AS older
FROM (SELECT *, unnest(CASE WHEN repeated THEN [0, 1] ELSE [1] END) AS version FROM ranked)
UNION ALL
SELECT person, condition, number, exemption, icd10, began, began + 120, began + 10, false
FROM other JOIN person USING (person)
WHERE began < coalesce(person.died, getvariable('ending'));
