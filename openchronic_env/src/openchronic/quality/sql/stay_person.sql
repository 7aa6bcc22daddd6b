-- One row per stay: the age and sex of its patient against those in the patient's records. A birth
-- may be known by its year only, and an age is that at entry: a difference of two years is no
-- contradiction.
SELECT
    CASE stay.sex_code WHEN '1' THEN 'M' WHEN '2' THEN 'F' END <> patient.sex AS other_sex,
    abs(year(stay.start_date) - year(patient.birth_date) - stay.age) > 2 AS other_age
FROM stay
INNER JOIN patient ON patient.subject_id = stay.subject_id
