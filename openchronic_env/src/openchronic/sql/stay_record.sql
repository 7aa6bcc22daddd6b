-- Hospital stays of one year of discharge: T_MCOaaB joined 1-1 with T_MCOaaC, judged by the
-- filters. RSA_NUM is unique within facility and year only.
WITH juridical AS (
    SELECT DISTINCT number.hospital
    FROM t_mcoaab AS b
    INNER JOIN hospital_number AS number ON number.eta_num = b.ETA_NUM AND number.role = 'juridical'
),
-- A geographic number is a duplicate only where the hospital's juridical number is there too:
-- never drop both sides.
doubled AS (
    SELECT number.eta_num
    FROM hospital_number AS number
    INNER JOIN juridical ON juridical.hospital = number.hospital
    WHERE number.role = 'duplicate'
),
stay AS (
    SELECT
        b.*,
        c.RSA_NUM IS NOT NULL AS is_chained,
        c.NIR_ANO_17,
        coalesce(c.EXE_SOI_DTD, c.ENT_DAT) AS entry_date,
        coalesce(c.EXE_SOI_DTF, c.SOR_DAT) AS exit_date,
        date_of(coalesce(b.SOR_ANN, c.SOR_ANN, b.file_year), coalesce(b.SOR_MOI, c.SOR_MOI), 1)
            AS exit_month,
        coalesce(b.SOR_ANN, c.SOR_ANN, b.file_year) AS exit_year,
        b.ETA_NUM IN (SELECT eta_num FROM doubled) AS is_finess_duplicate,
        c.NIR_ANO_17 IS NULL OR lower(substr(c.NIR_ANO_17, 1, 16)) = 'xxxxxxxxxxxxxxxx'
            AS has_invalid_number,
        -- A check that a year does not have is not a failed one.
        coalesce(c.NIR_RET, '0') <> '0' OR coalesce(c.NAI_RET, '0') <> '0'
            OR coalesce(c.SEX_RET, '0') <> '0' OR coalesce(c.SEJ_RET, '0') <> '0'
            OR coalesce(c.FHO_RET, '0') <> '0' OR coalesce(c.PMS_RET, '0') <> '0'
            OR coalesce(c.DAT_RET, '0') <> '0' OR coalesce(c.COH_NAI_RET, '0') <> '0'
            OR coalesce(c.COH_SEX_RET, '0') <> '0' AS has_bad_return_code
    FROM t_mcoaab AS b
    LEFT JOIN t_mcoaac AS c
        ON c.ETA_NUM = b.ETA_NUM AND c.RSA_NUM = b.RSA_NUM
        AND coalesce(c.file_year, 0) = coalesce(b.file_year, 0)
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
    CAST(coalesce(exit_year, year(exit_date), 0) AS VARCHAR) || '|' || ETA_NUM || '|' || RSA_NUM
        AS natural_key
FROM stay
LEFT JOIN psa ON psa.BEN_NIR_PSA = stay.NIR_ANO_17
