-- One row per person of the block. A twin takes birth, sex, place and pseudonym from the first of
-- the pair; some persons had another pseudonym until `switched`, when their insured person changed.
CREATE OR REPLACE TABLE person_0 AS
WITH drawn AS (
    SELECT *, bits('birth', root) AS birth, bits('home', root) AS home,
        bits('status', person) AS status, bits('move', person) AS move
    FROM rooted(getvariable('low'), getvariable('high'))
),
-- Each status is exclusive, so that a trap can be counted by itself.
labelled AS (
    SELECT *,
        CASE WHEN twin THEN 'twin'
            WHEN chance(status, 0, 5) THEN 'fictive'
            WHEN chance(status, 0, 10) THEN 'provisional'
            WHEN chance(status, 0, 30) THEN 'without NIR_ANO'
            WHEN chance(status, 0, 80) THEN 'two pseudonyms'
            ELSE 'plain' END AS kind
    FROM drawn
)
SELECT
    d.person, d.kind, d.status,
    CASE WHEN d.kind = 'fictive' THEN DATE '1955-01-01' ELSE
        getvariable('begin') - ((a.from_age + below(birth, 1, a.to_age - a.from_age + 1)) * 1461 // 4
            + 1 + below(birth, 2, 365))::INTEGER END AS born,
    CASE WHEN chance(birth, 3, a.male_per_1000) THEN 1 ELSE 2 END AS sex,
    a.pool, a.acts_per_year, a.stays_per_1000, a.deaths_per_100000, a.from_age,
    p.department, p.pmsi, p.hospital,
    -- The fund of soldiers writes 999 for every commune.
    CASE WHEN chance(home, 2, 990) THEN c.codes[1 + below(home, 1, len(c.codes))] ELSE '999' END
        AS commune,
    -- Some came from another commune of the département, on the first day of a month.
    CASE WHEN chance(home, 2, 990) AND chance(move, 0, 120) AND d.kind <> 'fictive' THEN
        date_trunc('month', getvariable('begin')
            + below(move, 1, getvariable('ending') - getvariable('begin')))::DATE END AS moved,
    c.codes[1 + (below(home, 1, len(c.codes)) + 1 + below(move, 2, len(c.codes) - 1)) % len(c.codes)]
        AS commune_before,
    CASE WHEN d.twin THEN 1 + d.person % 2 ELSE 1 END AS gem,
    pseudonym('psa', root) AS psa,
    CASE WHEN d.kind = 'two pseudonyms' THEN pseudonym('first psa', d.person) END AS first_psa,
    CASE WHEN d.kind = 'two pseudonyms' THEN
        getvariable('begin') + below(status, 1, getvariable('ending') - getvariable('begin'))
        END AS switched,
    CASE WHEN d.kind NOT IN ('without NIR_ANO', 'fictive')
        THEN pseudonym('ano', d.person) END AS nir_ano,
    CASE WHEN d.kind = 'fictive' THEN f.codes[1 + below(status, 2, len(f.codes))]
        WHEN d.kind = 'provisional' THEN CASE WHEN chance(status, 2, 500) THEN '03' ELSE '04' END
        ELSE '00' END AS nir_kind,
    CASE WHEN chance(home, 2, 880) THEN 1 WHEN chance(home, 2, 940) THEN 2
        WHEN chance(home, 2, 990) THEN 91 ELSE 8 END AS scheme,
    chance(home, 3, 850) AS has_doctor,
    -- The practice numbers of the usual doctor and pharmacy are of the département.
    usual_doctor(p.pmsi, home) AS doctor,
    p.pmsi || '2' || lpad(below(home, 1, 9000)::VARCHAR, 5, '0') AS pharmacy
FROM labelled AS d
JOIN age AS a ON slice(d.birth, 0) >= a.low AND slice(d.birth, 0) < a.high
JOIN place AS p ON slice(d.home, 0) >= p.low AND slice(d.home, 0) < p.high
JOIN commune AS c USING (department)
CROSS JOIN fictive AS f;

-- Long-term conditions: prevalence at the end of the period by age, onset in the twelve years before.
CREATE OR REPLACE TABLE condition AS
WITH drawn AS (
    SELECT p.person, p.born, c.*, bits('condition', concat(p.person, ':', c.condition)) AS random,
        CASE WHEN p.from_age >= 75 THEN c.age_75 WHEN p.from_age >= 60 THEN c.age_60
            WHEN p.from_age >= 40 THEN c.age_40 WHEN p.from_age >= 20 THEN c.age_20
            ELSE c.age_0 END AS per_10000
    FROM person_0 AS p CROSS JOIN raw_conditions AS c
    WHERE p.kind <> 'fictive'
)
SELECT d.person, d.condition, d.number, d.exemption, g.icd10, d.random,
    greatest(getvariable('ending') - 1 - below(d.random, 1, 4383), d.born + 30) AS onset
FROM drawn AS d
JOIN diagnosis AS g ON g.condition = d.condition
    AND slice(d.random, 2) >= g.low AND slice(d.random, 2) < g.high
WHERE slice(d.random, 0) * 10000 < d.per_10000 * 65536
    AND d.born + 30 < getvariable('ending');

-- Death: a yearly hazard by age, doubled by a long-term condition.
CREATE OR REPLACE TABLE person AS
WITH ill AS (SELECT person, min(onset) AS onset FROM condition GROUP BY person),
drawn AS (
    SELECT p.person, y.new_year, bits('death', concat(p.person, ':', y.year)) AS random,
        p.deaths_per_100000 * CASE WHEN i.person IS NULL THEN 2 ELSE 4 END // 3 AS hazard
    FROM person_0 AS p CROSS JOIN year AS y LEFT JOIN ill AS i USING (person)
    WHERE p.kind <> 'fictive'
),
death AS (
    SELECT person, min(new_year + below(random, 1, 365)) AS died, bit_xor(random) AS random
    FROM drawn WHERE slice(random, 0) * 100000 < hazard * 65536 GROUP BY person
)
-- Nobody moves after death.
SELECT p.* REPLACE (CASE WHEN d.died IS NULL OR p.moved <= d.died THEN p.moved END AS moved), d.died,
    d.died IS NOT NULL AND chance(d.random, 2, 500) AS died_in_hospital,
    -- The referential lacks some deaths, which only the hospital records.
    d.died IS NOT NULL AND chance(d.random, 2, 40) AS death_unknown,
    coalesce(p.nir_ano, p.psa || p.gem) AS idt_ano,
    CASE p.pmsi WHEN '2A' THEN '20090' WHEN '2B' THEN '20200' WHEN '97' THEN '97110'
        ELSE p.pmsi || '200' END AS postal,
    -- The section of students keeps the first two figures of the département; a Corsican
    -- département is written in several ways.
    CASE WHEN student THEN '0' || left(p.department, 2)
        WHEN p.pmsi IN ('2A', '2B') AND p.person % 3 = 1 THEN '209'
        WHEN p.pmsi = '2A' AND p.person % 3 = 2 THEN '201'
        WHEN p.pmsi = '2B' AND p.person % 3 = 2 THEN '202'
        ELSE p.department END AS written,
    -- The simplified product has no affiliation body, so that a truncated département cannot be
    -- completed, and its commune is unknown. These are columns, not expressions of a delivery:
    -- DuckDB 2.0 stops on an expression that yields different columns (dict-surviving cache).
    CASE WHEN student OR p.pmsi NOT IN ('2A', '2B') OR p.person % 3 = 0 THEN p.department
        WHEN p.person % 3 = 1 THEN '209' WHEN p.pmsi = '2A' THEN '201' ELSE '202' END
        AS simple_department,
    CASE WHEN NOT student THEN p.commune END AS simple_commune,
    CASE WHEN NOT student THEN p.commune_before END AS simple_commune_before,
    CASE WHEN student THEN '01M' || p.pmsi || '1617' ELSE fund(p.scheme, p.department) END AS body,
    -- Persons who die before the onset never had the condition.
    coalesce(i.onset < coalesce(d.died, getvariable('ending')), false) AS ill
FROM (
    SELECT *, scheme = 91 AND person % 3 = 0 AND department NOT IN ('02A', '02B', '097') AS student
    FROM person_0
) AS p LEFT JOIN death AS d USING (person) LEFT JOIN ill AS i USING (person);

DELETE FROM condition USING person
WHERE person.person = condition.person AND person.died <= condition.onset;

-- One row per pseudonym of a person in the table of beneficiaries.
CREATE OR REPLACE TABLE pseudonym_row AS
WITH named AS (
    SELECT *, psa AS delivered, switched AS since, getvariable('ending') AS until FROM person
    UNION ALL
    SELECT *, first_psa, NULL, switched FROM person WHERE first_psa IS NOT NULL
),
drawn AS (SELECT *, bits('archive', concat(person, ':', delivered)) AS leaving FROM named)
-- archived: 0 in the referential, 1 in its archive too, 2 in its archive only. The archive receives
-- the dead and the numbers that are no longer used, which keep the commune of their time.
SELECT * EXCLUDE (leaving)
    REPLACE (CASE WHEN until < moved THEN commune_before ELSE commune END AS commune),
    CASE WHEN NOT chance(leaving, 0, CASE WHEN until < getvariable('ending') THEN 200
            WHEN died IS NOT NULL AND NOT death_unknown THEN 400 ELSE 0 END) THEN 0
        WHEN chance(leaving, 1, 350) THEN 1 ELSE 2 END AS archived,
    -- Some numbers no longer used lack birth and sex.
    until < getvariable('ending') AND chance(leaving, 2, 200) AS unsaid
FROM drawn;
