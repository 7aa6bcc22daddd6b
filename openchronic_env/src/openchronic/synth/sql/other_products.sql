-- Care outside claims and short stays: rehabilitation, hospital at home, psychiatry.
CREATE OR REPLACE TABLE rehabilitation AS
SELECT s.person, s.psa, s.sex, s.born, s.pmsi, s.main, s.unchained, s.random,
    -- The format has seven digits.
    lpad(((s.person * 10 + row_number() OVER (PARTITION BY s.person ORDER BY s.discharged, s.record))
        % 10000000)::VARCHAR, 7, '0') AS record,
    (s.discharged + 1)::DATE AS admitted,
    (s.discharged + 15 + below(s.random, 2, 30))::DATE AS discharged,
    year(s.discharged + 15 + below(s.random, 2, 30))::INTEGER AS discharge_year,
    home_facility(s.pmsi, s.person, false) AS facility,
    chance(s.random, 2, 6) AS ungrouped
FROM stay AS s
WHERE s.part = 0 AND NOT s.copied AND NOT s.died AND NOT s.transferred
    AND s.main IN ('S720', 'M170', 'I635', 'J441', 'J440', 'I501', 'I214')
    AND chance(s.random, 3, 500)
QUALIFY row_number() OVER (PARTITION BY s.person ORDER BY s.discharged, s.record) < 10;

-- One row per week, numbered from 1. A stay that goes on over the end of a year is in the file of
-- each year, under a number of its own, and the first file does not give its end.
CREATE OR REPLACE TABLE week AS
WITH every_week AS (
    SELECT r.*, w::INTEGER AS number, (w - 1) * 7 + r.admitted >= r.discharged - 7 AS last,
        CASE WHEN year((w - 1) * 7 + r.admitted) BETWEEN getvariable('first_year') AND r.discharge_year
            THEN year((w - 1) * 7 + r.admitted) ELSE r.discharge_year END::INTEGER AS file_year
    FROM rehabilitation AS r CROSS JOIN (SELECT i::INTEGER AS w FROM range(1, 9) AS t(i))
    JOIN person AS p USING (person)
    WHERE (w - 1) * 7 + r.admitted < r.discharged
        AND r.discharged <= coalesce(p.died, r.discharged) AND r.discharged < getvariable('ending')
)
SELECT * REPLACE (CASE WHEN goes_on AND right(record, 1) < '5'
        THEN left(record, 6) || (right(record, 1)::INTEGER + 5) ELSE record END AS record),
    row_number() OVER (PARTITION BY person, admitted, record, file_year ORDER BY number) = 1 AS first
FROM (SELECT *, file_year < discharge_year AS goes_on FROM every_week);

-- One row per stay at home. The large public hospitals declare theirs twice until 2017, as they do
-- stays.
CREATE OR REPLACE TABLE home_stay AS
WITH made AS (
    SELECT c.person, d.numbers, d.juridical,
        d.juridical IS NOT NULL AND slice(c.random, 0) % 5 < 2 AS large_hospital, p.sex, p.born, p.pmsi, c.icd10, c.random,
        CASE WHEN p.switched IS NOT NULL AND admitted < p.switched THEN p.first_psa ELSE p.psa END AS psa,
        admitted, admitted + 20 AS discharged, year(admitted + 20)::INTEGER AS discharge_year,
        CASE WHEN d.juridical IS NOT NULL AND slice(c.random, 0) % 5 < 2 THEN d.juridical
            ELSE home_facility(p.pmsi, c.person, false) END AS facility,
        lpad((c.person * 100 + row_number() OVER (PARTITION BY c.person ORDER BY c.condition))::VARCHAR,
            9, '0') AS record,
        chance(c.random, 2, 40) AS unchained
    FROM (
        SELECT *, getvariable('begin') + 20 + (slice(random, 1)
            % (getvariable('ending') - getvariable('begin') - 60))::INTEGER AS admitted FROM condition
    ) AS c
    JOIN person AS p USING (person)
    LEFT JOIN duplicate AS d ON d.hospital = p.hospital
    WHERE c.condition IN ('cancer', 'sclerosis') AND chance(c.random, 0, 400)
        AND admitted > c.onset AND admitted + 20 <= coalesce(p.died, admitted + 20)
),
copied AS (
    SELECT *, unnest(CASE WHEN large_hospital AND discharge_year <= 2017
        THEN [false, true] ELSE [false] END) AS copied
    FROM made
)
SELECT * EXCLUDE (numbers, juridical, large_hospital)
    REPLACE (CASE WHEN copied THEN numbers[1 + slice(random, 1) % len(numbers)] ELSE facility END
        AS facility)
FROM copied;

CREATE OR REPLACE TABLE psychiatric AS
SELECT c.person, p.sex, p.born, p.pmsi, c.icd10, c.random, admitted, admitted + 25 AS discharged,
    CASE WHEN p.switched IS NOT NULL AND admitted < p.switched THEN p.first_psa ELSE p.psa END AS psa,
    year(admitted + 25)::INTEGER AS discharge_year,
    home_facility(p.pmsi, c.person, false) AS facility,
    lpad((c.person * 10 + 1)::VARCHAR, 9, '0') AS record,
    -- The patient's number within the facility, the only identifier of outpatient acts.
    pseudonym('psychiatry', c.person) AS local,
    chance(c.random, 2, 35) AS unchained
FROM (
    SELECT *, getvariable('begin') + 5 + (slice(random, 1)
        % (getvariable('ending') - getvariable('begin') - 40))::INTEGER AS admitted FROM condition
) AS c
JOIN person AS p USING (person)
WHERE c.condition = 'psychiatric' AND chance(c.random, 0, 450)
    AND admitted > c.onset AND admitted + 25 <= coalesce(p.died, admitted + 25);

CREATE OR REPLACE TABLE psychiatric_act AS
SELECT *, day::DATE AS done, year(day)::INTEGER AS act_year, i AS number
FROM (
    SELECT *, discharged + 14 * i::INTEGER AS day FROM psychiatric CROSS JOIN range(1, 7) AS t(i)
)
JOIN (SELECT person, died FROM person) USING (person)
WHERE day <= coalesce(died, day) AND day < getvariable('ending');
