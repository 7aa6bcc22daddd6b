-- One row per sub-sequence of hospital at home of one year: T_HADaaB with T_HADaaGRP, which may have
-- several rows per sub-sequence: one in error (99, the greatest) is enough, and none multiplies it.
-- Before 2010 a stay has no sequences.
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
-- Where one side has no sequences: a stay is in error only where all of it is.
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
    coalesce(grouped.GHT_NUM, whole.GHT_NUM) AS GHT_NUM,
    coalesce(grouped.PAP_GRP_GHPC, whole.PAP_GRP_GHPC) AS PAP_GRP_GHPC
FROM t_hadaab AS d
LEFT JOIN grouped
    ON grouped.ETA_NUM_EPMSI = d.ETA_NUM_EPMSI AND grouped.RHAD_NUM = d.RHAD_NUM
    AND grouped.SEQ_NUM = coalesce(d.SEQ_NUM, '') AND grouped.SSEQ_NUM = d.SSEQ_NUM
    AND grouped.file_year = coalesce(d.file_year, 0)
LEFT JOIN whole
    ON whole.ETA_NUM_EPMSI = d.ETA_NUM_EPMSI AND whole.RHAD_NUM = d.RHAD_NUM
    AND whole.file_year = coalesce(d.file_year, 0)
    AND (whole.has_no_sequence OR d.SSEQ_NUM IS NULL)
