-- The long-term illness that each code of ICD-10 is of, where several name it the first.
SELECT icd10, min(number) AS number, min(label) AS label FROM ald_written GROUP BY icd10
