-- One row per outpatient visit to a public hospital of one year: its table has the patient and the checks.
SELECT
    written.*,
    '{visits}' AS visits,
    psa.subject_id AS own_subject_id,
    coalesce(psa.is_shared, FALSE) AS is_shared_number,
    coalesce(psa.is_fictive, FALSE) AS is_fictive,
    coalesce(EXE_SOI_DTD, ENT_DAT) AS start_date,
    coalesce(EXE_SOI_DTF, SOR_DAT, EXE_SOI_DTD, ENT_DAT) AS end_date
FROM written
LEFT JOIN psa ON psa.BEN_NIR_PSA = written.NIR_ANO_17
