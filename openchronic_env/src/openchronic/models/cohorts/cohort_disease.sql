-- One row per definition, state, subject and fact of a case: the days of what made the state true in
-- some year. A diagnosis has the days of its stay, an ALD those of its period, days that are counted
-- the day on which there were enough.
SELECT DISTINCT met.definition, state.state, met.subject_id, met.met_on, met.last_on
FROM every_state AS state
INNER JOIN disease_met AS met
    ON met.definition = state.definition AND met.subject_id = state.subject_id
    AND state.year BETWEEN met.first_year AND met.last_year
INNER JOIN disease_term AS term
    ON term.definition = state.definition AND term.state = state.state
    AND (state.held & term.must) = term.must AND (state.held & term.must_not) = 0
    AND (met.criterion_bit & term.must) <> 0
