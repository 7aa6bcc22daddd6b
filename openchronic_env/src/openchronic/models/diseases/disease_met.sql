-- One row per fact of a bucket that is enough for its criterion, with the first and the last year n
-- in which it counts, the day on which the criterion was met and the one on which that could be
-- known. An open ALD has no end. Days of dispensings, acts, tests and sessions are counted within
-- one calendar year: the criterion is met on the last day that was needed.
WITH other_diagnosis AS (
    SELECT definition, criterion_bit, pair_id, min(known_date) AS known_date
    FROM disease_fact
    WHERE part = 'other' AND pair_id IS NOT NULL
    GROUP BY definition, criterion_bit, pair_id
),
day_fact AS (
    SELECT
        fact.definition, fact.criterion_bit, fact.subject_id, fact.fact_year, fact.start_date,
        max(CASE WHEN fact.part = 'is' THEN 1 ELSE 0 END) AS is_day,
        max(CASE WHEN fact.part = 'is' AND fact.is_large THEN 1 ELSE 0 END) AS is_large,
        max(CASE WHEN fact.part = 'among' THEN 1 ELSE 0 END) AS is_other,
        sum(CASE WHEN fact.part = 'is' THEN fact.quantity END) AS quantity,
        max(CASE WHEN fact.part = 'is' THEN fact.known_date END) AS known_date
    FROM disease_fact AS fact
    INNER JOIN disease_rule AS rule
        ON rule.definition = fact.definition AND rule.criterion_bit = fact.criterion_bit
    WHERE rule.find NOT IN ('ald', 'diagnosis') AND fact.fact_year IS NOT NULL
    GROUP BY
        fact.definition, fact.criterion_bit, fact.subject_id, fact.fact_year, fact.start_date
),
so_far AS (
    SELECT
        definition, criterion_bit, subject_id, fact_year, start_date,
        sum(is_day) OVER (
            PARTITION BY subject_id, definition, criterion_bit, fact_year ORDER BY start_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS days,
        max(is_large) OVER (
            PARTITION BY subject_id, definition, criterion_bit, fact_year ORDER BY start_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS has_large,
        sum(quantity) OVER (
            PARTITION BY subject_id, definition, criterion_bit, fact_year ORDER BY start_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS quantity,
        max(known_date) OVER (
            PARTITION BY subject_id, definition, criterion_bit, fact_year ORDER BY start_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS known_date,
        max(is_other) OVER (
            PARTITION BY subject_id, definition, criterion_bit, fact_year ORDER BY start_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS has_other
    FROM day_fact
),
counted AS (
    SELECT
        so_far.definition, so_far.criterion_bit, so_far.subject_id, so_far.fact_year,
        min(so_far.start_date) AS met_on, min(so_far.known_date) AS known_date
    FROM so_far
    INNER JOIN disease_rule AS rule
        ON rule.definition = so_far.definition AND rule.criterion_bit = so_far.criterion_bit
    WHERE so_far.has_other = 0
        AND so_far.days >= CASE WHEN so_far.has_large = 1 THEN coalesce(rule.dates_large, rule.dates)
            ELSE rule.dates END
        AND (rule.quantity IS NULL OR so_far.quantity >= rule.quantity)
    GROUP BY so_far.definition, so_far.criterion_bit, so_far.subject_id, so_far.fact_year
)
SELECT
    fact.definition, fact.criterion_bit, fact.subject_id, CAST(NULL AS STRING) AS stay_id,
    CASE WHEN rule.by_start THEN year(fact.start_date) - rule.last_offset
        ELSE year(fact.start_date) END AS first_year,
    CASE WHEN rule.by_start THEN year(fact.start_date) - rule.first_offset
        ELSE coalesce(year(fact.end_date), 9999) END AS last_year,
    fact.start_date AS met_on,
    coalesce(fact.end_date, DATE '9999-12-31') AS last_on,
    fact.known_date
FROM disease_fact AS fact
INNER JOIN disease_rule AS rule
    ON rule.definition = fact.definition AND rule.criterion_bit = fact.criterion_bit
WHERE rule.find = 'ald'
UNION ALL
SELECT
    fact.definition, fact.criterion_bit, fact.subject_id,
    CASE WHEN rule.by_stay THEN fact.stay_id END,
    fact.fact_year - rule.last_offset, fact.fact_year - rule.first_offset,
    fact.start_date, fact.end_date, greatest(fact.known_date, other_diagnosis.known_date)
FROM disease_fact AS fact
INNER JOIN disease_rule AS rule
    ON rule.definition = fact.definition AND rule.criterion_bit = fact.criterion_bit
LEFT JOIN other_diagnosis
    ON other_diagnosis.definition = fact.definition
    AND other_diagnosis.criterion_bit = fact.criterion_bit
    AND other_diagnosis.pair_id = fact.pair_id
WHERE rule.find = 'diagnosis' AND fact.part = 'is' AND fact.fact_year IS NOT NULL
    AND (rule.pairing IS NULL
        OR (rule.pairing = 'with') = (other_diagnosis.pair_id IS NOT NULL))
UNION ALL
SELECT
    counted.definition, counted.criterion_bit, counted.subject_id, CAST(NULL AS STRING),
    counted.fact_year - rule.last_offset, counted.fact_year - rule.first_offset,
    counted.met_on, counted.met_on, counted.known_date
FROM counted
INNER JOIN disease_rule AS rule
    ON rule.definition = counted.definition AND rule.criterion_bit = counted.criterion_bit
