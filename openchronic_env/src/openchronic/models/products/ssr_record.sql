-- One row per week of rehabilitation of one year: T_SSRaaB with T_SSRaaC, which has one row per
-- stay. Without dates (before 2009) the week is known by its month (MMYYYY).
SELECT
    d.*,
    doubled.hospital AS doubled_hospital,
    doubled.on_short_list,
    c.RHA_NUM IS NOT NULL AS is_chained,
    c.NIR_ANO_17,
    coalesce(c.is_of_several, FALSE) AS is_of_several,
    c.NIR_RET, c.NAI_RET, c.SEX_RET, c.SEJ_RET, c.FHO_RET, c.PMS_RET, c.DAT_RET,
    c.COH_NAI_RET, c.COH_SEX_RET,
    psa.subject_id AS own_subject_id,
    coalesce(psa.is_shared, FALSE) AS is_shared_number,
    coalesce(psa.is_fictive, FALSE) AS is_fictive,
    coalesce(c.EXE_SOI_DTD, c.ENT_DAT) AS entry_date,
    coalesce(c.EXE_SOI_DTF, c.SOR_DAT) AS exit_date,
    -- The day of the record where it has one, else its month.
    coalesce(
        c.EXE_SOI_DTD, c.ENT_DAT, date_of(substr(d.MOI_ANN, 3, 4), substr(d.MOI_ANN, 1, 2), 1),
        c.EXE_SOI_DTF, c.SOR_DAT
    ) AS start_date,
    coalesce(
        c.EXE_SOI_DTF, c.SOR_DAT, c.EXE_SOI_DTD, c.ENT_DAT,
        date_of(substr(d.MOI_ANN, 3, 4), substr(d.MOI_ANN, 1, 2), 1)
    ) AS end_date
FROM t_ssraab AS d
LEFT JOIN t_ssraac AS c
    ON c.ETA_NUM = d.ETA_NUM AND c.RHA_NUM = d.RHA_NUM
    AND coalesce(c.file_year, 0) = coalesce(d.file_year, 0)
LEFT JOIN doubled_number AS doubled
    ON doubled.eta_num = d.ETA_NUM
    AND doubled.sent_year
    = coalesce(d.file_year, TRY_CAST(substr(d.MOI_ANN, 3, 4) AS INTEGER))
LEFT JOIN psa ON psa.BEN_NIR_PSA = c.NIR_ANO_17
