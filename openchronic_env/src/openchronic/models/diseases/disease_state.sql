-- One row per subject of a bucket, form of a definition and year that has a state, for the forms of
-- one level: those that need no other definition, then those that need them. A term is one way to
-- be true: all bits of `must` are held, and none of `must_not`. The first state that is true is the
-- state of the year. `first_key` holds the earliest day on which a criterion of the state was met,
-- its place in the file, and the day on which all facts that were needed with it were known.
WITH year_fact AS (
    SELECT
        span.definition, span.criterion_bit, span.subject_id, asked_year.year, span.fact_key
    FROM disease_span AS span
    INNER JOIN asked_year
        ON asked_year.definition = span.definition
        AND asked_year.year BETWEEN span.first_year AND span.last_year
    WHERE asked_year.level = {level}
    UNION ALL
    SELECT
        reference.definition, reference.criterion_bit, before.subject_id, before.year,
        days_between(DATE '1500-01-01', before.first_met) * 10000000
            + days_between(DATE '1500-01-01', before.known_date)
    FROM disease_reference AS reference
    INNER JOIN state_before AS before
        ON before.definition = reference.needs AND before.state = reference.state
    INNER JOIN asked_year
        ON asked_year.definition = reference.definition AND asked_year.year = before.year
    WHERE asked_year.level = {level}
),
met AS (
    SELECT
        definition, criterion_bit, subject_id, year,
        min(fact_key) - min(fact_key) % 10000000 AS met_key,
        min(fact_key) % 10000000 AS known_day
    FROM year_fact
    GROUP BY definition, criterion_bit, subject_id, year
),
held_bits AS (
    SELECT definition, subject_id, year, bit_or(criterion_bit) AS held
    FROM met
    GROUP BY definition, subject_id, year
),
way AS (
    SELECT
        held_bits.definition, held_bits.subject_id, held_bits.year, held_bits.held,
        term.state_rank, term.state, term.must
    FROM held_bits
    INNER JOIN disease_term AS term
        ON term.definition = held_bits.definition AND (held_bits.held & term.must) = term.must
        AND (held_bits.held & term.must_not) = 0
    INNER JOIN disease_form AS form ON form.definition = held_bits.definition
    LEFT JOIN patient ON patient.subject_id = held_bits.subject_id
    WHERE (form.sex IS NULL OR form.sex = patient.sex)
        AND (form.min_age IS NULL
            OR held_bits.year - year(patient.birth_date) BETWEEN form.min_age AND form.max_age)
),
first_state AS (
    SELECT definition, subject_id, year, min(state_rank) AS state_rank
    FROM way
    GROUP BY definition, subject_id, year
),
dated AS (
    SELECT
        way.definition, way.subject_id, way.year, way.state, way.held, way.must,
        min(met.met_key * 64 + place.place * 10000000) AS met_key,
        max(met.known_day) AS known_day
    FROM way
    INNER JOIN first_state
        ON first_state.definition = way.definition AND first_state.subject_id = way.subject_id
        AND first_state.year = way.year AND first_state.state_rank = way.state_rank
    INNER JOIN met
        ON met.definition = way.definition AND met.subject_id = way.subject_id
        AND met.year = way.year AND (met.criterion_bit & way.must) <> 0
    INNER JOIN disease_place AS place
        ON place.definition = met.definition AND place.criterion_bit = met.criterion_bit
    GROUP BY way.definition, way.subject_id, way.year, way.state, way.held, way.must
),
earliest AS (
    SELECT definition, subject_id, year, state, held, min(met_key + known_day) AS first_key
    FROM dated
    GROUP BY definition, subject_id, year, state, held
),
parted AS (
    SELECT
        *,
        first_key % 10000000 AS known_day,
        (first_key % 640000000 - first_key % 10000000) / 10000000 AS place,
        (first_key - first_key % 640000000) / 640000000 AS met_day
    FROM earliest
)
SELECT
    definition, subject_id, year, state, held, first_key,
    add_days(DATE '1500-01-01', CAST(met_day AS BIGINT)) AS first_met,
    CAST(place AS BIGINT) AS place,
    add_days(DATE '1500-01-01', CAST(known_day AS BIGINT)) AS known_date
FROM parted
