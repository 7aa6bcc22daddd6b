-- Subjects with care long after their death, each once.
SELECT DISTINCT subject_id FROM late_care
