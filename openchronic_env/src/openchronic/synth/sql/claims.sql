-- One row per patient and pack of a chronic treatment, dispensed every month (or quarter).
CREATE OR REPLACE TABLE treatment AS
WITH indication AS (
    SELECT p.person, t.atc, t.per_100, c.condition, c.onset,
        c.exemption + 1 AS exemption
    FROM condition AS c JOIN person AS p USING (person)
    JOIN raw_treatments AS t ON t.condition = c.condition
    UNION ALL
    SELECT p.person, t.atc, t.per_100, t.condition, getvariable('begin'), 0
    FROM person AS p JOIN raw_treatments AS t ON t.condition = p.pool
    WHERE p.kind <> 'fictive'
),
drawn AS (
    SELECT *, bits('treatment', concat(person, ':', condition, ':', atc)) AS random FROM indication
),
-- A class prescribed for two conditions is dispensed once.
once AS (
    SELECT * FROM drawn WHERE slice(random, 0) * 100 < per_100 * 65536
    QUALIFY row_number() OVER (PARTITION BY person, atc ORDER BY exemption DESC, condition) = 1
)
SELECT o.person, row_number() OVER (PARTITION BY o.person ORDER BY o.atc) AS stream,
    o.exemption, k.cip13, k.rate, k.price, CASE WHEN k.large THEN 88 ELSE 29 END AS every,
    greatest(o.onset, getvariable('begin')) + below(o.random, 2, 30) AS began,
    -- One treatment in five stops before the end.
    CASE WHEN chance(o.random, 3, 200)
        THEN greatest(o.onset, getvariable('begin')) + 60 + (slice(o.random, 3) % 700)::INTEGER
        ELSE getvariable('ending') END::DATE AS stopped
FROM once AS o JOIN pack AS k ON k.atc = o.atc AND k.number = below(o.random, 1, k.packs);

-- One row per act: what was done on one day, before the administration makes lines of it.
CREATE OR REPLACE TABLE act AS
WITH slot AS (
    SELECT p.person, 0 AS stream, (y.year - getvariable('first_year')) * 1000 + i AS number,
        y.new_year
    FROM person AS p CROSS JOIN year AS y
    CROSS JOIN range(below(bits('acts', concat(p.person, ':', y.year)), 0,
        CASE WHEN p.ill THEN 3 ELSE 2 END * p.acts_per_year + 1)) AS t(i)
),
ordinary AS (
    SELECT *, bits('act', concat(person, ':', number)) AS random FROM slot
),
dated AS (
    SELECT person, stream, number, random, new_year + below(random, 1, 365) AS done FROM ordinary
),
cared AS (
    SELECT d.*, c.care, c.nature, c.specialty, c.profession, c.practice, c.price, c.rate,
        a.atc, slice(d.random, 3) AS spare
    FROM dated AS d
    JOIN care AS c ON c.drawn = slice(d.random, 0)
    LEFT JOIN acute AS a ON c.care = 'pharmacy' AND a.drawn = slice(d.random, 2)
),
dispensing AS (
    SELECT t.person, t.stream, k AS number, t.cip13, t.rate, t.price, t.exemption,
        t.began, t.every, t.stopped,
        bits('dispensing', concat(t.person, ':', t.stream, ':', k)) AS random
    FROM treatment AS t
    CROSS JOIN range(((t.stopped - t.began) // t.every + 1)::BIGINT) AS r(k)
),
delivered AS (
    SELECT *, began + (every * number)::INTEGER + below(random, 1, 8) AS done
    FROM dispensing WHERE NOT chance(random, 0, 100)
),
-- Devices and hospital drugs of a condition: one code a patient, two or three times a year.
supplied AS (
    SELECT c.person, 1000 + row_number() OVER (PARTITION BY c.person ORDER BY c.condition, k.vocabulary)
            AS stream,
        k.vocabulary, k.code, k.price, c.exemption, c.onset, c.condition,
        bits('supply', concat(c.person, ':', c.condition, ':', k.vocabulary)) AS random
    FROM condition AS c
    JOIN code AS k ON k.pool = c.condition AND k.vocabulary IN ('LPP', 'UCD')
        AND k.number = c.random % k.codes
),
supply AS (
    SELECT *, (greatest(onset, getvariable('begin')) + below(random, 1, 120) + (130 * i)::INTEGER)::DATE
            AS done
    FROM supplied
    CROSS JOIN range((getvariable('ending') - getvariable('begin')) // 130 + 1) AS t(i)
    WHERE chance(random, 0, 350)
),
every_act AS (
    SELECT c.person, c.stream, c.number, c.done, c.care, c.nature,
        CASE WHEN c.care = 'specialist' THEN [7, 8, 13, 14, 15, 32, 33, 35, 42][1 + c.spare % 9]
            ELSE c.specialty END AS specialty,
        c.profession, c.practice,
        CASE WHEN k.cip13 IS NULL THEN c.price ELSE k.price END AS price,
        CASE WHEN k.cip13 IS NULL THEN c.rate ELSE k.rate END AS rate,
        k.cip13, -1 AS exemption, NULL AS detail, NULL AS code, false AS by_law
    FROM cared AS c
    LEFT JOIN pack AS k ON k.atc = c.atc AND k.number = c.spare % k.packs
    UNION ALL
    SELECT person, stream, number, done, 'pharmacy', 0, 0, 50, 0, price, rate, cip13, exemption,
        NULL, NULL, false
    FROM delivered WHERE done < stopped
    UNION ALL
    SELECT person, stream, number, done, 'pharmacy', 0, 0, 50, 0, price, rate, cip13, -1, NULL, NULL, true
    FROM law_purchase
    UNION ALL
    SELECT person, stream, i, done, 'supply',
        CASE WHEN vocabulary = 'UCD' THEN 3317 WHEN condition IN ('lung', 'heart') THEN 3511 ELSE 3512 END,
        0, CASE vocabulary WHEN 'UCD' THEN 52 ELSE 60 END, 0, price, 100, NULL, exemption + 1,
        vocabulary, code, false
    FROM supply
)
SELECT a.* EXCLUDE (nature, exemption),
    CASE WHEN a.cip13 IS NULL THEN a.nature
        -- Packs that a hospital sells over its counter.
        WHEN (a.person + a.stream + a.number) % 499 = 0 AND NOT a.by_law THEN 3317 WHEN a.rate = 100 THEN 3311
        WHEN a.rate = 65 THEN 3313 WHEN a.rate = 15 THEN 3341 ELSE 3312 END AS nature,
    bits('line', concat(a.person, ':', a.stream, ':', a.number)) AS random,
    bits('flow', concat(a.person, ':', a.stream, ':', a.number)) AS flow,
    a.exemption,
    -- The last numbers, so that a law changes no other line.
    row_number() OVER (PARTITION BY a.person ORDER BY a.by_law, a.done, a.stream, a.number) AS statement
FROM every_act AS a JOIN person AS p USING (person)
WHERE a.done >= getvariable('begin') AND a.done < getvariable('ending')
    AND a.done <= coalesce(p.died, a.done) AND a.done >= p.born;
