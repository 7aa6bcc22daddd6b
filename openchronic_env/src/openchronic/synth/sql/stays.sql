-- One row per hospital stay, before the administration declares it (sometimes twice).
CREATE OR REPLACE TABLE stay_0 AS
WITH mine AS (
    SELECT person, list(condition ORDER BY condition) AS conditions FROM condition GROUP BY person
),
slot AS (
    SELECT p.person, y.new_year, i, bits('stay', concat(p.person, ':', y.year, ':', i)) AS random
    FROM person AS p CROSS JOIN year AS y CROSS JOIN range(3) AS t(i)
    WHERE p.kind <> 'fictive'
),
kept AS (
    SELECT s.*, CASE WHEN m.person IS NOT NULL AND slice(s.random, 1) % 100 < 65
            THEN m.conditions[1 + slice(s.random, 1) % len(m.conditions)] ELSE p.pool END AS pool,
        s.new_year - 20 + below(s.random, 2, 365) AS admitted
    FROM slot AS s JOIN person AS p USING (person) LEFT JOIN mine AS m USING (person)
    WHERE chance(s.random, 0, p.stays_per_1000 * CASE WHEN p.ill THEN 2 ELSE 1 END // 3)
),
ordinary AS (
    SELECT k.person, k.admitted, k.admitted + below(k.random, 1, 2 * m.nights + 1) AS discharged,
        m.main, m.related, m.ghm, m.tariff, 0 AS sessions
    FROM kept AS k JOIN motive AS m ON m.pool = k.pool
        AND slice(k.random, 3) >= m.low AND slice(k.random, 3) < m.high
),
last AS (
    SELECT p.person, p.died - 1 - below(bits('last stay', p.person), 1, 14) AS admitted,
        p.died AS discharged, m.main, m.related, m.ghm, m.tariff, 0 AS sessions
    FROM person AS p
    JOIN motive AS m ON m.pool = p.pool
        AND slice(bits('last stay', p.person), 0) >= m.low
        AND slice(bits('last stay', p.person), 0) < m.high
    WHERE p.died_in_hospital
),
chemotherapy AS (
    SELECT c.person, (c.onset + 30 + 21 * k)::DATE AS admitted,
        (c.onset + 30 + 21 * k)::DATE AS discharged,
        'Z511' AS main, c.icd10 AS related, '28Z07Z' AS ghm, '9606' AS tariff, 1 AS sessions
    FROM condition AS c CROSS JOIN (SELECT i::INTEGER AS k FROM range(6) AS r(i)) AS t
    WHERE c.condition = 'cancer' AND slice(c.random, 3) < 32768
),
dialysis AS (
    SELECT c.person, m::DATE AS admitted, last_day(m::DATE) AS discharged,
        'Z491' AS main, 'N185' AS related, '28Z04Z' AS ghm, '9605' AS tariff, 13 AS sessions
    FROM condition AS c
    CROSS JOIN generate_series(getvariable('begin'), getvariable('ending') - 1, INTERVAL 1 MONTH)
        AS t(m)
    WHERE c.condition = 'kidney' AND chance(c.random, 3, 150) AND m::DATE > c.onset
),
every_stay AS (
    FROM ordinary UNION ALL FROM last UNION ALL FROM chemotherapy UNION ALL FROM dialysis
)
SELECT s.person, s.admitted, least(s.discharged, coalesce(p.died, s.discharged)) AS discharged,
    s.main, s.related, s.ghm, s.tariff, s.sessions,
    coalesce(p.died <= s.discharged, false) AS died,
    row_number() OVER (PARTITION BY s.person ORDER BY s.admitted, s.discharged, s.main) AS number
FROM every_stay AS s JOIN person AS p USING (person)
WHERE s.admitted >= p.born AND s.admitted <= coalesce(p.died, s.admitted);

-- One row per declared stay. part 0 the stay; 1 the stay after a transfer; 2 a service done by
-- another facility. `copied`: declared again under a geographic number of the same hospital.
CREATE OR REPLACE TABLE stay AS
WITH flagged AS (
    SELECT s.*, p.pmsi, p.department, p.sex, p.born, p.switched, p.first_psa,
        CASE WHEN p.switched IS NOT NULL AND s.admitted < p.switched THEN p.first_psa
            ELSE p.psa END AS psa,
        d.juridical, d.numbers, random,
        d.juridical IS NOT NULL AND chance(random, 0, 450) AS large_hospital,
        NOT s.died AND s.sessions = 0 AND chance(random, 1, 20) AS transferred,
        s.sessions = 0 AND s.discharged > s.admitted + 1
            AND chance(random, 1, 30) AND NOT chance(random, 1, 20) AS served,
        s.sessions = 0 AND chance(random, 2, 5) AS ungrouped,
        chance(random, 3, 14) AS unchained,
        chance(random, 3, 20) AND NOT chance(random, 3, 14) AS doubtful
    FROM (SELECT *, bits('declared', concat(person, ':', number)) AS random FROM stay_0) AS s
    JOIN person AS p USING (person)
    LEFT JOIN duplicate AS d ON d.hospital = p.hospital
),
parted AS (
    SELECT *, unnest(CASE WHEN transferred THEN [0, 1] WHEN served THEN [0, 2] ELSE [0] END) AS part
    FROM flagged
),
moved AS (
    SELECT * REPLACE (
            CASE part WHEN 1 THEN discharged WHEN 2 THEN admitted + 1 ELSE admitted END AS admitted,
            CASE part WHEN 1 THEN discharged + 3 WHEN 2 THEN admitted + 1 ELSE discharged END
                AS discharged,
            CASE WHEN ungrouped AND part = 0 THEN '90Z00Z' ELSE ghm END AS ghm,
            transferred AND part = 0 AS transferred,
            large_hospital AND part = 0 AS large_hospital)
    FROM parted
),
copied AS (
    SELECT *, unnest(CASE WHEN large_hospital AND year(discharged) <= 2017
        THEN [false, true] ELSE [false] END) AS copied
    FROM moved
    WHERE year(discharged) >= getvariable('first_year') AND discharged < getvariable('ending')
)
SELECT * EXCLUDE (numbers, juridical),
    CASE WHEN sessions = 0 AND discharged - admitted >= 4 AND part = 0 AND slice(random, 1) % 3 = 0
        THEN 2 ELSE 1 END AS units,
    year(discharged)::INTEGER AS discharge_year,
    CASE WHEN copied THEN numbers[1 + slice(random, 0) % len(numbers)]
        WHEN large_hospital THEN juridical
        -- The numbers of fictive facilities, a few per département.
        ELSE pmsi || '099' || lpad((17 * (1 + slice(random, 0) % 6) + 100 * part)::VARCHAR, 4, '0')
        END AS facility,
    lpad((person * 1000 + number * 3 + part)::VARCHAR, 10, '0') AS record
FROM copied;

-- One row per associated diagnosis of a stay: the existing long-term conditions, and common
-- diagnoses.
CREATE OR REPLACE TABLE associated AS
WITH chronic AS (
    SELECT s.facility, s.record, s.discharge_year, c.icd10
    FROM stay AS s JOIN condition AS c ON c.person = s.person AND c.onset <= s.discharged
    WHERE c.icd10 <> s.main AND s.sessions = 0
),
common AS (
    SELECT facility, record, discharge_year,
        ['I10', 'E780', 'Z740', 'E669', 'D649', 'F171', 'N390', 'E876', 'R13', 'Z501']
            [1 + slice(bits('das', concat(record, ':', i)), 0) % 10] AS icd10
    FROM stay CROSS JOIN range(3) AS t(i)
    WHERE sessions = 0 AND slice(bits('das', concat(record, ':', i)), 1) < 26000
)
SELECT DISTINCT * FROM (FROM chronic UNION ALL FROM common);
