-- One row per person, disease and years of the national cartography, as its rules find them; a few
-- persons are missed and a few added.
CREATE OR REPLACE TABLE national AS
WITH fact AS (
    -- An ALD counts from its onset on, a diagnosis for some years. The other facts of the rules
    -- (drugs, associated diagnoses) occur in synthetic patients with their ALD only.
    SELECT c.person, r.disease, year(c.onset) AS first_year, 9999 AS last_year, r.conditional,
        r.spoils
    FROM condition AS c JOIN national_rule AS r ON r.kind = 'ald' AND starts_with(c.icd10, r.prefix)
    UNION ALL
    SELECT s.person, r.disease, s.discharge_year, s.discharge_year + r.years, r.conditional, r.spoils
    FROM stay AS s JOIN person AS p USING (person)
    LEFT JOIN ward AS w ON w.facility = s.facility AND w.record = s.record
        AND w.discharge_year = s.discharge_year AND w.second
    JOIN national_rule AS r ON (r.kind = 'main' AND starts_with(s.main, r.prefix))
        OR (r.kind = 'related' AND starts_with(s.related, r.prefix))
        OR (r.kind = 'unit' AND starts_with(w.diagnosis, r.prefix))
    -- Stays that cannot be used: error, service for another facility, failed chaining, twins.
    WHERE s.ghm NOT LIKE '90%' AND s.part <> 2 AND NOT s.unchained AND NOT s.doubtful
        AND p.kind <> 'twin'
),
spoilt AS (
    SELECT DISTINCT m.person, m.year, f.disease
    FROM mapped AS m JOIN fact AS f
        ON f.person = m.person AND m.year BETWEEN f.first_year AND f.last_year AND f.spoils
),
ill AS (
    SELECT m.person, m.year, f.disease, bool_or(f.first_year >= m.year - 1) AS fresh
    FROM mapped AS m JOIN fact AS f
        ON f.person = m.person AND m.year BETWEEN f.first_year AND f.last_year AND NOT f.spoils
    LEFT JOIN spoilt AS o
        ON o.person = m.person AND o.year = m.year AND o.disease = f.disease AND f.conditional
    WHERE o.person IS NULL
    GROUP BY ALL
),
drawn AS (
    SELECT m.person, m.year, d.disease, i.person IS NOT NULL AS ill,
        CASE WHEN i.fresh THEN d.tops[1] ELSE d.tops[-1] END AS top,
        bits('national', concat(m.person, ':', m.year, ':', d.disease)) AS random
    FROM mapped AS m
    JOIN national_disease AS d ON d.sex = 0 OR d.sex = m.sex
    LEFT JOIN ill AS i ON i.person = m.person AND i.year = m.year AND i.disease = d.disease
)
SELECT person, year, disease, ill, top,
    CASE WHEN ill THEN NOT chance(random, 0, 40) ELSE chance(random, 1, 0.2) END AS reported
FROM drawn;

CREATE OR REPLACE TABLE reported AS
SELECT m.*, coalesce(t.tops, []) AS tops
FROM mapped AS m LEFT JOIN (
    SELECT person, year, list(top) AS tops FROM national WHERE reported GROUP BY ALL
) AS t USING (person, year);
