-- One row per subject, form and year that has a state, of the first two levels.
SELECT definition, subject_id, year, state, first_met, known_date FROM disease_state_0
UNION ALL
SELECT definition, subject_id, year, state, first_met, known_date FROM disease_state_1
