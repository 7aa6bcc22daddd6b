-- One row per definition of stays and stay of a bucket that it describes.
WITH held_bits AS (
    SELECT
        definition, subject_id, stay_id, bit_or(criterion_bit) AS held, min(met_on) AS start_date,
        max(last_on) AS end_date, max(known_date) AS known_date
    FROM disease_met
    WHERE stay_id IS NOT NULL
    GROUP BY definition, subject_id, stay_id
),
way AS (
    SELECT
        held_bits.definition, held_bits.subject_id, held_bits.stay_id,
        min(term.state_rank) AS state_rank
    FROM held_bits
    INNER JOIN disease_term AS term
        ON term.definition = held_bits.definition AND (held_bits.held & term.must) = term.must
        AND (held_bits.held & term.must_not) = 0
    GROUP BY held_bits.definition, held_bits.subject_id, held_bits.stay_id
),
named AS (
    SELECT DISTINCT definition, state_rank, state FROM disease_term
)
SELECT
    way.subject_id, way.definition, form.version, named.state, way.stay_id, held_bits.start_date,
    held_bits.end_date, held_bits.known_date, held_bits.held AS criteria
FROM way
INNER JOIN held_bits
    ON held_bits.definition = way.definition AND held_bits.subject_id = way.subject_id
    AND held_bits.stay_id = way.stay_id
INNER JOIN named ON named.definition = way.definition AND named.state_rank = way.state_rank
INNER JOIN disease_form AS form ON form.definition = way.definition
LEFT JOIN patient ON patient.subject_id = way.subject_id
WHERE (form.sex IS NULL OR form.sex = patient.sex)
    AND (form.min_age IS NULL
        OR year(held_bits.end_date) - year(patient.birth_date) BETWEEN form.min_age AND form.max_age)
