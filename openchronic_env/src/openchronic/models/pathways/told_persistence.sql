-- One row per pathway of the release, subject and treatment that was begun in the period, one per class of these, and one for
-- all of them (empty).
SELECT
    subject_id,
    pathway,
    level,
    name AS treatment,
    first_day,
    days,
    stopped
FROM persistence
