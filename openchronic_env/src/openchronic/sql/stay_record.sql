-- Hospital stays of one year of discharge: T_MCOaaB joined 1-1 with T_MCOaaC, judged by the
-- filters. RSA_NUM is unique within facility and year only.
WITH stay AS (
    SELECT
        b.*,
        c.RSA_NUM IS NOT NULL AS is_chained,
        c.NIR_ANO_17,
        coalesce(c.EXE_SOI_DTD, c.ENT_DAT) AS entry_date,
        coalesce(c.EXE_SOI_DTF, c.SOR_DAT) AS exit_date,
        date_of(coalesce(b.SOR_ANN, c.SOR_ANN, b.file_year), coalesce(b.SOR_MOI, c.SOR_MOI), 1)
            AS exit_month,
        coalesce(b.SOR_ANN, c.SOR_ANN, b.file_year) AS exit_year,
        c.NIR_RET, c.NAI_RET, c.SEX_RET, c.SEJ_RET, c.FHO_RET, c.PMS_RET, c.DAT_RET,
        c.COH_NAI_RET, c.COH_SEX_RET,
        doubled.hospital AS doubled_hospital,
        doubled.on_short_list
    FROM t_mcoaab AS b
    LEFT JOIN t_mcoaac AS c
        ON c.ETA_NUM = b.ETA_NUM AND c.RSA_NUM = b.RSA_NUM
        AND coalesce(c.file_year, 0) = coalesce(b.file_year, 0)
    LEFT JOIN doubled_number AS doubled ON doubled.eta_num = b.ETA_NUM
)
SELECT
    stay.*,
    psa.subject_id,
    coalesce(psa.is_shared, FALSE) AS is_shared,
    coalesce(psa.is_fictive, FALSE) AS is_fictive,
    coalesce(stay.GRG_GHM LIKE '28%', FALSE) AS is_session,
    coalesce(entry_date, add_days(exit_month, -coalesce(SEJ_NBJ, 0))) AS start_date,
    greatest(
        coalesce(exit_date, exit_month),
        coalesce(entry_date, add_days(exit_month, -coalesce(SEJ_NBJ, 0)))
    ) AS end_date,
    CASE WHEN entry_date IS NOT NULL THEN 'day' ELSE 'month' END AS date_precision,
    coalesce(exit_year, year(exit_date)) AS stay_year,
    CAST(coalesce(exit_year, year(exit_date), 0) AS STRING) || '|' || ETA_NUM || '|' || RSA_NUM
        AS natural_key
FROM stay
LEFT JOIN psa ON psa.BEN_NIR_PSA = stay.NIR_ANO_17
