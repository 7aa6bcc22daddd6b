-- One row per year, definition and subject of a bucket who has the disease: in the years for which
-- the base holds all that the definition looks back at. `criteria` has the bit of each criterion
-- that is met, in the order of the file.
SELECT
    state.subject_id, CAST(state.year AS INTEGER) AS year, state.definition, form.version,
    state.state, state.first_met, state.held & form.own_bits AS criteria
FROM every_state AS state
INNER JOIN disease_form AS form ON form.definition = state.definition
INNER JOIN asked_year
    ON asked_year.definition = state.definition AND asked_year.year = state.year
    AND asked_year.is_published
INNER JOIN disease_population AS population
    ON population.subject_id = state.subject_id AND population.year = state.year
