-- One row per outpatient visit to a public hospital, which a claim records too, for information or
-- as FIDES. One in ten is an emergency. The hospitals of Paris and Marseille declare them twice
-- until 2017.
CREATE OR REPLACE TABLE visit AS
WITH seen AS (
    SELECT l.person, l.statement, l.done, l.nature, l.specialty, l.price, l.rate, l.public, l.random,
        CASE WHEN l.psa = p.psa THEN p.psa ELSE p.first_psa END AS psa,
        p.sex, p.born, p.pmsi, p.scheme, d.juridical, d.numbers,
        slice(l.flow, 3) % 10 = 0 AS emergency,
        d.juridical IS NOT NULL AND p.hospital <> 'HCL' AND chance(l.flow, 3, 400) AS large_hospital,
        chance(l.flow, 2, 12) AS unchained
    FROM line AS l JOIN person AS p USING (person)
    LEFT JOIN duplicate AS d ON d.hospital = p.hospital
    WHERE l.part = 0 AND (l.for_information OR l.public)
),
copied AS (
    SELECT *, unnest(CASE WHEN large_hospital AND year(done) <= 2017
        THEN [false, true] ELSE [false] END) AS copied
    FROM seen
)
SELECT * EXCLUDE (juridical, numbers),
    year(done)::INTEGER AS file_year,
    CASE WHEN copied THEN numbers[1 + slice(random, 0) % len(numbers)]
        WHEN large_hospital THEN juridical ELSE home_facility(pmsi, person, false) END AS facility,
    lpad((person * 10000 + statement)::VARCHAR, 12, '0') AS sequence
FROM copied;
