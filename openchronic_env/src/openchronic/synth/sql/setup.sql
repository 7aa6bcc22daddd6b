-- Macros and reference tables, made once. Random bits are md5 of (seed, purpose, identity): the
-- same on any machine, whatever the number of threads, the block or the order in which rows are
-- computed.

-- 64 pseudo-random bits. It is md5_number_lower, which DuckDB 2.0 computes by way of text, in four times the time.
CREATE MACRO bits(purpose, identity) AS
    (md5_number(concat(getvariable('seed'), ':', purpose, ':', identity)) >> 64)::UBIGINT;

-- Slice i (0 to 3) of those bits: uniform in [0, 65536). All steps are unsigned, or the engine
-- would compute them with 128 bits.
CREATE MACRO slice(random, i) AS
    ((random >> (16 * i)::UBIGINT) & 65535::UBIGINT)::BIGINT;

-- Uniform integer in [0, n).
CREATE MACRO below(random, i, n) AS ((slice(random, i) * (n)) >> 16)::INTEGER;

-- True in `rate` of a thousand cases.
CREATE MACRO chance(random, i, rate) AS slice(random, i) * 1000 < (rate) * 65536;

CREATE MACRO pseudonym(purpose, identity) AS
    upper(md5(concat(getvariable('seed'), ':', purpose, ':', identity))[1:17]);

-- Persons from `low` to `high` - 1, and the person whose birth and home they share: for a twin, the
-- first of the pair.
CREATE MACRO rooted(low, high) AS TABLE
SELECT person, twin, CASE WHEN twin THEN pair * 2 ELSE person END AS root
FROM (
    SELECT i AS person, i // 2 AS pair,
        chance(bits('pair', i // 2), 0, 10) AND i // 2 * 2 + 1 < getvariable('patients') AS twin
    FROM range(low, high) AS t(i)
);

-- The fund to which a person belongs: general scheme, farmers, soldiers, students.
CREATE MACRO fund(scheme, department) AS concat(
    CASE scheme WHEN 1 THEN '01C' WHEN 2 THEN '02A' WHEN 8 THEN '08C' ELSE '91M' END, department,
    '000');

-- The commune where a person lives on a day.
CREATE MACRO lived(commune, commune_before, moved, day) AS
    CASE WHEN day < moved THEN commune_before ELSE commune END;

CREATE MACRO usual_doctor(pmsi, home) AS
    pmsi || '1' || lpad(below(home, 1, 20000)::VARCHAR, 5, '0');

-- The hospital (four of six are public) or the clinic of a person's outpatient care.
CREATE MACRO home_facility(pmsi, person, clinic) AS
    pmsi || '099' || lpad((17 * CASE WHEN clinic THEN 5 + person % 2 ELSE 1 + person % 4 END)::VARCHAR,
        4, '0');

CREATE MACRO is_ride(nature) AS nature BETWEEN 4212 AND 4215;

CREATE TABLE age AS
SELECT *,
    65536 * coalesce(sum(weight) OVER before, 0) // sum(weight) OVER () AS low,
    65536 * (coalesce(sum(weight) OVER before, 0) + weight) // sum(weight) OVER () AS high
FROM raw_ages
WINDOW before AS (ORDER BY from_age ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

CREATE TABLE place AS
SELECT *,
    65536 * coalesce(sum(weight) OVER before, 0) // sum(weight) OVER () AS low,
    65536 * (coalesce(sum(weight) OVER before, 0) + weight) // sum(weight) OVER () AS high
FROM raw_places
WINDOW before AS (ORDER BY department ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

-- The communes of each place, as claims write them: 097 stands for all of overseas.
CREATE TABLE commune AS
SELECT p.department, list(c.code ORDER BY c.code) AS codes
FROM raw_places AS p
JOIN (
    SELECT left(department, 2) AS pmsi,
        lpad(unnest(range(first::INTEGER, last::INTEGER + 1))::VARCHAR, 3, '0') AS code
    FROM raw_commune
) AS c USING (pmsi)
GROUP BY p.department;

CREATE TABLE diagnosis AS
SELECT *,
    65536 * coalesce(sum(weight) OVER before, 0) // sum(weight) OVER whole AS low,
    65536 * (coalesce(sum(weight) OVER before, 0) + weight) // sum(weight) OVER whole AS high
FROM raw_diagnoses
WINDOW whole AS (PARTITION BY condition),
    before AS (PARTITION BY condition ORDER BY icd10
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

-- One row per slice for each kind of care drawn: a join by equality is ten times faster than by
-- bounds.
CREATE TABLE care AS
SELECT * EXCLUDE (low, high), unnest(range(low, high))::BIGINT AS drawn
FROM (
    SELECT *,
        (65536 * coalesce(sum(weight) OVER before, 0) // sum(weight) OVER ())::BIGINT AS low,
        (65536 * (coalesce(sum(weight) OVER before, 0) + weight) // sum(weight) OVER ())::BIGINT AS high
    FROM raw_care
    WINDOW before AS (ORDER BY care ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
);

CREATE TABLE motive AS
SELECT *,
    65536 * coalesce(sum(weight) OVER before, 0) // sum(weight) OVER whole AS low,
    65536 * (coalesce(sum(weight) OVER before, 0) + weight) // sum(weight) OVER whole AS high
FROM raw_motives
WINDOW whole AS (PARTITION BY pool),
    before AS (PARTITION BY pool ORDER BY main ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

-- The packs of an ATC class, numbered from 0: a patient keeps the same pack.
CREATE TABLE pack AS
SELECT cip13, cip7, atc, rate, price, coalesce(large_pack, 'N') = 'O' AS large,
    row_number() OVER (PARTITION BY atc ORDER BY cip13) - 1 AS number,
    count(*) OVER (PARTITION BY atc) AS packs
FROM raw_drug;

-- What a line of one pack dispenses: the pack, and where two are paired, the next one of its class too.
CREATE TABLE dispensed AS
SELECT cip13 AS of_line, unnest([false, true]) AS paired, cip13, cip7, price FROM pack
UNION ALL
SELECT one.cip13, true, k.cip13, k.cip7, k.price
FROM pack AS one JOIN pack AS k ON k.atc = one.atc AND k.number = (one.number + 1) % one.packs
WHERE one.packs > 1;

-- Acute drug classes, likewise.
CREATE TABLE acute AS
SELECT atc, unnest(range(low, high))::BIGINT AS drawn
FROM (
    SELECT atc,
        (65536 * coalesce(sum(per_100) OVER before, 0) // sum(per_100) OVER ())::BIGINT AS low,
        (65536 * (coalesce(sum(per_100) OVER before, 0) + per_100) // sum(per_100) OVER ())::BIGINT AS high
    FROM raw_treatments WHERE condition = 'acute'
    WINDOW before AS (ORDER BY atc ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
);

-- Geographic numbers under which the three large public hospitals declare a stay again.
CREATE TABLE duplicate AS
SELECT hospital,
    list(eta_num ORDER BY eta_num) FILTER (role = 'duplicate' AND short_list = 1) AS numbers,
    max(eta_num) FILTER (role = 'juridical') AS juridical
FROM raw_finess_duplicates GROUP BY hospital;

CREATE TABLE fictive AS
SELECT list(code ORDER BY code) AS codes FROM raw_nir_kind
WHERE fictive = 1;

CREATE TABLE year AS
SELECT (getvariable('first_year') + i)::INTEGER AS year,
    make_date((getvariable('first_year') + i)::INTEGER, 1, 1) AS new_year
FROM range(getvariable('years')) AS t(i);

-- The codes of a pool, numbered from 0.
CREATE TABLE code AS
SELECT *, row_number() OVER (PARTITION BY vocabulary, pool ORDER BY code) - 1 AS number,
    count(*) OVER (PARTITION BY vocabulary, pool) AS codes
FROM raw_codes;

-- Facilities, all fictive: six per department, of which two are private; two more for each of them
-- that a transfer or a service needs (see stays.sql). Only the large public hospitals are real.
CREATE TABLE facility AS
SELECT DISTINCT pmsi || '099' || lpad((17 * number + 100 * part)::VARCHAR, 4, '0') AS facility,
    department, pmsi, number >= 5 AS private
FROM place CROSS JOIN range(1, 7) AS n(number) CROSS JOIN range(3) AS p(part)
UNION ALL
SELECT unnest([juridical] || numbers), min(department), min(pmsi), false
FROM duplicate JOIN place USING (hospital) GROUP BY hospital, juridical, numbers;
