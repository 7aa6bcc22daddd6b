-- One row per sub-sequence of hospital at home of one year: T_HADaaB with T_HADaaC, which has one
-- row per stay, and T_HADaaGRP, which may have several rows per sub-sequence: it is in error if one
-- of them is (99, the greatest), and they never multiply it. Before 2010 a stay has no sequences.
WITH grouped AS (
    SELECT
        ETA_NUM_EPMSI, RHAD_NUM, coalesce(SEQ_NUM, '') AS SEQ_NUM, SSEQ_NUM,
        coalesce(file_year, 0) AS file_year,
        max(GHT_NUM) AS GHT_NUM,
        max(PAP_GRP_GHPC) AS PAP_GRP_GHPC
    FROM t_hadaagrp
    WHERE SSEQ_NUM IS NOT NULL
    GROUP BY ETA_NUM_EPMSI, RHAD_NUM, coalesce(SEQ_NUM, ''), SSEQ_NUM, coalesce(file_year, 0)
),
-- Where one side has no sequences, a stay is in error only where all of its parts are.
whole AS (
    SELECT
        ETA_NUM_EPMSI, RHAD_NUM, coalesce(file_year, 0) AS file_year,
        count(SSEQ_NUM) = 0 AS has_no_sequence,
        min(GHT_NUM) AS GHT_NUM,
        min(PAP_GRP_GHPC) AS PAP_GRP_GHPC
    FROM t_hadaagrp
    GROUP BY ETA_NUM_EPMSI, RHAD_NUM, coalesce(file_year, 0)
)
SELECT
    d.*,
    doubled.hospital AS doubled_hospital,
    doubled.on_short_list,
    coalesce(grouped.GHT_NUM, whole.GHT_NUM) AS GHT_NUM,
    coalesce(grouped.PAP_GRP_GHPC, whole.PAP_GRP_GHPC) AS PAP_GRP_GHPC,
    c.RHAD_NUM IS NOT NULL AS is_chained,
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
        c.EXE_SOI_DTD, c.ENT_DAT, date_of(d.SOR_ANN, d.SOR_MOI, 1),
        c.EXE_SOI_DTF, c.SOR_DAT
    ) AS start_date,
    coalesce(
        c.EXE_SOI_DTF, c.SOR_DAT, c.EXE_SOI_DTD, c.ENT_DAT,
        date_of(d.SOR_ANN, d.SOR_MOI, 1)
    ) AS end_date
FROM t_hadaab AS d
LEFT JOIN t_hadaac AS c
    ON c.ETA_NUM_EPMSI = d.ETA_NUM_EPMSI AND c.RHAD_NUM = d.RHAD_NUM
    AND coalesce(c.file_year, 0) = coalesce(d.file_year, 0)
LEFT JOIN grouped
    ON grouped.ETA_NUM_EPMSI = d.ETA_NUM_EPMSI AND grouped.RHAD_NUM = d.RHAD_NUM
    AND grouped.SEQ_NUM = coalesce(d.SEQ_NUM, '') AND grouped.SSEQ_NUM = d.SSEQ_NUM
    AND grouped.file_year = coalesce(d.file_year, 0)
LEFT JOIN doubled_number AS doubled
    ON doubled.eta_num = d.ETA_NUM_EPMSI
    AND doubled.sent_year = coalesce(d.file_year, d.SOR_ANN, d.SOR_ANN_SSEQ)
LEFT JOIN whole
    ON whole.ETA_NUM_EPMSI = d.ETA_NUM_EPMSI AND whole.RHAD_NUM = d.RHAD_NUM
    AND whole.file_year = coalesce(d.file_year, 0)
    AND (whole.has_no_sequence OR d.SSEQ_NUM IS NULL)
LEFT JOIN psa ON psa.BEN_NIR_PSA = c.NIR_ANO_17
