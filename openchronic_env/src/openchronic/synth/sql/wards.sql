-- The details of a stay: units, acts and costly drugs.
CREATE OR REPLACE TABLE ward AS
SELECT s.facility, s.record, s.discharge_year, s.main, s.related, s.admitted, s.discharged, s.random,
    s.sessions, s.part, s.served, u AS number, u > 1 AS second,
    -- The second unit has a main diagnosis of its own, which the associated diagnoses do not always
    -- repeat.
    CASE WHEN u = 1 THEN s.main ELSE ['I10', 'E119', 'J441', 'I509', 'N183', 'F03']
        [1 + slice(s.random, 2) % 6] END AS diagnosis
FROM stay AS s CROSS JOIN range(1, 3) AS t(u)
WHERE u <= s.units;

CREATE OR REPLACE TABLE operation AS
WITH done AS (
    -- The main act of the stay, by the surgeon and by the anaesthetist.
    SELECT s.facility, s.record, s.discharge_year, k.code, activity,
        least(1, s.discharged - s.admitted) AS delay, 1 AS times
    FROM stay AS s JOIN code AS k ON k.vocabulary = 'CCAM' AND k.pool = s.main
    CROSS JOIN (VALUES ('1'), ('4')) AS a(activity)
    WHERE s.ghm NOT LIKE '90%' AND (activity = '1' OR k.price > 100)
    UNION ALL
    SELECT s.facility, s.record, s.discharge_year, k.code, '1',
        slice(bits('ward act', concat(s.record, ':', i)), 1) % (1 + s.discharged - s.admitted), 1
    FROM stay AS s CROSS JOIN range(3) AS t(i)
    JOIN code AS k ON k.vocabulary = 'CCAM' AND k.pool = 'ward'
        AND k.number = slice(bits('ward act', concat(s.record, ':', i)), 2) % k.codes
    WHERE s.sessions = 0 AND chance(bits('ward act', concat(s.record, ':', i)), 0, 400)
)
SELECT * FROM done;

CREATE OR REPLACE TABLE costly_drug AS
SELECT s.facility, s.record, s.discharge_year, s.admitted, s.discharged, k.code, k.price,
    1 + slice(s.random, 2) % 4 AS quantity, f.private
FROM stay AS s JOIN facility AS f USING (facility)
JOIN code AS k ON k.vocabulary = 'UCD' AND k.pool = 'cancer'
    AND k.number = slice(s.random, 3) % k.codes
WHERE s.main = 'Z511' OR (s.main LIKE 'C%' AND slice(s.random, 2) % 2 = 0);
