-- One row per step of a pathway of the release, with the names of its treatments.
SELECT
    one.subject_id,
    one.pathway,
    one.step,
    held_name.name AS held,
    one.first_day,
    one.last_day,
    one.days,
    one.change,
    one.next_change
FROM pathway_step AS one
INNER JOIN held_name ON held_name.pathway = one.pathway AND held_name.held = one.held
