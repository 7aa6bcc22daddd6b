-- One row per purchase of a planted drug: see treatment_law.toml. Without a law, `law_part` is empty, and so is this table.
CREATE OR REPLACE TABLE law_purchase AS
WITH taking AS (
    SELECT p.person, p.pmsi, l.part, l.refill_days, l.number AS part_number,
        getvariable('begin') + (slice(bits('law begins', concat(p.person, ':', l.part)), 0) * l.first_days >> 16)::INTEGER
            AS began
    FROM person AS p CROSS JOIN law_part AS l
    -- All of the others are told by the referential, with one lifelong pseudonym.
    WHERE p.from_age >= 20 AND p.kind IN ('plain', 'twin', 'two pseudonyms')
        AND slice(bits('law', p.person), 0) < l.share * 65536
),
refill AS (
    SELECT t.*, k::INTEGER AS refill, bits('law refill', concat(t.person, ':', t.part, ':', k)) AS random
    FROM taking AS t
    CROSS JOIN range((getvariable('ending') - getvariable('begin')) // t.refill_days + 1) AS r(k)
),
-- The first refill at which the person leaves the first stage, then the first one after it at which the second is left.
left_first AS (
    SELECT r.person, r.part, min(r.refill) AS refill
    FROM refill AS r JOIN law_move AS m ON m.part = r.part AND m.stage = 1 AND r.refill BETWEEN m.since AND m.until
    WHERE slice(r.random, 1) < m.hazard * 65536
    GROUP BY ALL
),
left_second AS (
    SELECT r.person, r.part, min(r.refill) AS refill
    FROM refill AS r JOIN left_first AS f ON f.person = r.person AND f.part = r.part AND f.refill < r.refill
    JOIN law_move AS m ON m.part = r.part AND m.stage = 2 AND r.refill BETWEEN m.since AND m.until
    WHERE slice(r.random, 2) < m.hazard * 65536
    GROUP BY ALL
),
late AS (
    SELECT r.*, CASE WHEN f.refill IS NULL OR r.refill < f.refill THEN 1
            WHEN s.refill IS NULL OR r.refill < s.refill THEN 2 ELSE 3 END AS stage,
        CASE WHEN r.refill > 0 THEN below(r.random, 3, coalesce(d.most_days, o.most_days, 0) + 1) ELSE 0 END AS days_late
    FROM refill AS r LEFT JOIN left_first AS f ON f.person = r.person AND f.part = r.part
    LEFT JOIN left_second AS s ON s.person = r.person AND s.part = r.part
    LEFT JOIN law_late AS d ON d.part = r.part AND d.pmsi = r.pmsi
    LEFT JOIN law_late AS o ON o.part = r.part AND o.pmsi = 'other'
),
dated AS (
    SELECT *, began + (refill_days * refill + sum(days_late) OVER (PARTITION BY person, part ORDER BY refill
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))::INTEGER AS due
    FROM late
)
-- A patient keeps the same pack. Streams of other purchases have lower numbers.
SELECT d.person, 9000 + l.number AS stream, d.refill AS number, k.cip13, k.rate, k.price, d.due + l.after_days AS done
FROM dated AS d
JOIN law_drug AS l ON l.part = d.part AND l.stage = d.stage
    AND slice(bits('law drug', concat(d.person, ':', l.number)), 0) < l.share * 65536
JOIN law_pack AS k ON k.atc = l.atc AND k.number = d.person % k.packs;
