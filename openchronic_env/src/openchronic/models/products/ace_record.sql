-- One row per outpatient visit to a public hospital of one year: T_MCOaaCSTC has the patient and
-- the checks.
SELECT
    c.*,
    'ace' AS visits,
    doubled.hospital AS doubled_hospital,
    doubled.on_short_list,
    psa.subject_id AS own_subject_id,
    coalesce(psa.is_shared, FALSE) AS is_shared_number,
    coalesce(psa.is_fictive, FALSE) AS is_fictive,
    coalesce(c.EXE_SOI_DTD, c.ENT_DAT) AS start_date,
    coalesce(c.EXE_SOI_DTF, c.SOR_DAT, c.EXE_SOI_DTD, c.ENT_DAT) AS end_date
FROM t_mcoaacstc AS c
LEFT JOIN doubled_number AS doubled
    ON doubled.eta_num = c.ETA_NUM
    AND doubled.sent_year = coalesce(c.file_year, year(coalesce(c.EXE_SOI_DTD, c.ENT_DAT)))
LEFT JOIN psa ON psa.BEN_NIR_PSA = c.NIR_ANO_17
