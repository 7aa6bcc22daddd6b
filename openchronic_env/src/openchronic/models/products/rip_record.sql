-- One row per sequence of a psychiatric stay of one year: T_RIPaaRSA with T_RIPaaC, which has one
-- row per stay.
SELECT
    d.*,
    c.RIP_NUM IS NOT NULL AS is_chained,
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
        c.EXE_SOI_DTD, c.ENT_DAT, date_of(d.SEQ_FIN_ANN, d.SEQ_FIN_MOI, 1),
        c.EXE_SOI_DTF, c.SOR_DAT
    ) AS start_date,
    coalesce(
        c.EXE_SOI_DTF, c.SOR_DAT, c.EXE_SOI_DTD, c.ENT_DAT,
        date_of(d.SEQ_FIN_ANN, d.SEQ_FIN_MOI, 1)
    ) AS end_date
FROM t_ripaarsa AS d
LEFT JOIN t_ripaac AS c
    ON c.ETA_NUM_EPMSI = d.ETA_NUM_EPMSI AND c.RIP_NUM = d.RIP_NUM
    AND coalesce(c.file_year, 0) = coalesce(d.file_year, 0)
LEFT JOIN psa ON psa.BEN_NIR_PSA = c.NIR_ANO_17
