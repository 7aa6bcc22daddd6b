-- One row per year, form of a definition and subject who has it, of all years that are asked: for
-- the comparison with the national cartography, whose persons are its population.
SELECT year, definition, subject_id, state, held FROM every_state
