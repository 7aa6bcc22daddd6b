-- One row per pathway of the release, subject and treatment that was begun in the period, and one for all of them (empty).
SELECT
    one.subject_id,
    one.pathway,
    held_name.name AS treatment,
    one.first_day,
    one.days,
    one.stopped
FROM persistence AS one
INNER JOIN held_name ON held_name.pathway = one.pathway AND held_name.held = one.treatment_bit
