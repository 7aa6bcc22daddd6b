-- One row per ICD-10 code, with its long-term illness: the first where several list it.
SELECT icd10, min(number) AS number, min(label) AS label FROM ald_written GROUP BY icd10
