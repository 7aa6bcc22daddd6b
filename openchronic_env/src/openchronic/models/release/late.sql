-- One row per subject with care long after death.
SELECT DISTINCT subject_id FROM late_care
