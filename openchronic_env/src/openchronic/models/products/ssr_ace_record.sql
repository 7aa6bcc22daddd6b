-- One row per outpatient visit to a public rehabilitation hospital of one year: T_SSRaaCSTC has the
-- patient and the checks. One page leaves out the geographic numbers of AP-HP, HCL and AP-HM here
-- too (Documentation-SNDS, depenses_hopital_public), another says that they send theirs once
-- (filtres recommandés): a visit is a repetition where the juridical number has a visit of that
-- patient and day.
WITH sent AS (
    SELECT DISTINCT
        number.hospital,
        c.NIR_ANO_17,
        coalesce(c.EXE_SOI_DTD, c.ENT_DAT) AS day
    FROM t_ssraacstc AS c
    INNER JOIN hospital_number AS number
        ON number.eta_num = c.ETA_NUM AND number.role = 'juridical'
)
SELECT
    c.*,
    'ssr_ace' AS visits,
    sent.hospital AS doubled_hospital,
    doubled.on_short_list,
    psa.subject_id AS own_subject_id,
    coalesce(psa.is_shared, FALSE) AS is_shared_number,
    coalesce(psa.is_fictive, FALSE) AS is_fictive,
    coalesce(c.EXE_SOI_DTD, c.ENT_DAT) AS start_date,
    coalesce(c.EXE_SOI_DTF, c.SOR_DAT, c.EXE_SOI_DTD, c.ENT_DAT) AS end_date
FROM t_ssraacstc AS c
LEFT JOIN doubled_number AS doubled
    ON doubled.eta_num = c.ETA_NUM
    AND doubled.sent_year = coalesce(c.file_year, year(coalesce(c.EXE_SOI_DTD, c.ENT_DAT)))
LEFT JOIN sent
    ON sent.hospital = doubled.hospital AND sent.NIR_ANO_17 = c.NIR_ANO_17
    AND sent.day = coalesce(c.EXE_SOI_DTD, c.ENT_DAT)
LEFT JOIN psa ON psa.BEN_NIR_PSA = c.NIR_ANO_17
