-- Care that is neither claims nor short stays: rehabilitation, hospital at home, psychiatry.
CREATE OR REPLACE TABLE rehabilitation AS
SELECT s.person, s.psa, s.sex, s.born, s.pmsi, s.main, s.unchained, s.random,
    -- Seven digits are what the format has.
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

-- One row a week, numbered from 1.
CREATE OR REPLACE TABLE week AS
SELECT r.*, w::INTEGER AS number, (w - 1) * 7 + r.admitted >= r.discharged - 7 AS last
FROM rehabilitation AS r CROSS JOIN (SELECT i::INTEGER AS w FROM range(1, 9) AS t(i))
JOIN person AS p USING (person)
WHERE (w - 1) * 7 + r.admitted < r.discharged
    AND r.discharged <= coalesce(p.died, r.discharged) AND r.discharged < getvariable('ending');

CREATE OR REPLACE TABLE home_stay AS
SELECT c.person, p.sex, p.born, p.pmsi, c.icd10, c.random,
    CASE WHEN p.switched IS NOT NULL AND admitted < p.switched THEN p.first_psa ELSE p.psa END AS psa,
    admitted, admitted + 20 AS discharged, year(admitted + 20)::INTEGER AS discharge_year,
    home_facility(p.pmsi, c.person, false) AS facility,
    lpad((c.person * 100 + row_number() OVER (PARTITION BY c.person ORDER BY c.condition))::VARCHAR,
        9, '0') AS record,
    chance(c.random, 2, 40) AS unchained
FROM (
    SELECT *, getvariable('begin') + 20 + (slice(random, 1)
        % (getvariable('ending') - getvariable('begin') - 60))::INTEGER AS admitted FROM condition
) AS c
JOIN person AS p USING (person)
WHERE c.condition IN ('cancer', 'sclerosis') AND chance(c.random, 0, 400)
    AND admitted > c.onset AND admitted + 20 <= coalesce(p.died, admitted + 20);

CREATE OR REPLACE TABLE psychiatric AS
SELECT c.person, p.sex, p.born, p.pmsi, c.icd10, c.random, admitted, admitted + 25 AS discharged,
    CASE WHEN p.switched IS NOT NULL AND admitted < p.switched THEN p.first_psa ELSE p.psa END AS psa,
    year(admitted + 25)::INTEGER AS discharge_year,
    home_facility(p.pmsi, c.person, false) AS facility,
    lpad((c.person * 10 + 1)::VARCHAR, 9, '0') AS record,
    -- The patient's number within the facility, the only one that outpatient acts have.
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
