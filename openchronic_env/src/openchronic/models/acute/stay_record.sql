-- One row per hospital stay of one year of discharge: T_MCOaaB joined 1-1 with T_MCOaaC, judged by
-- the filters. RSA_NUM is unique within facility and year only. Where the day of entry or of exit
-- is missing, the number of nights gives it; where both are in the wrong order, the one that agrees
-- with the nights and with the month of discharge is kept.
WITH joined AS (
    SELECT
        b.*,
        c.RSA_NUM IS NOT NULL AS is_chained,
        c.NIR_ANO_17,
        coalesce(c.is_of_several, FALSE) AS is_of_several,
        coalesce(c.EXE_SOI_DTD, c.ENT_DAT) AS entry_date,
        coalesce(c.EXE_SOI_DTF, c.SOR_DAT) AS exit_date,
        date_of(coalesce(b.SOR_ANN, c.SOR_ANN, b.file_year), coalesce(b.SOR_MOI, c.SOR_MOI), 1)
            AS exit_month,
        coalesce(b.SOR_ANN, c.SOR_ANN, b.file_year) AS exit_year,
        c.NIR_RET, c.NAI_RET, c.SEX_RET, c.SEJ_RET, c.FHO_RET, c.PMS_RET, c.DAT_RET,
        c.COH_NAI_RET, c.COH_SEX_RET,
        CASE WHEN b.SEJ_NBJ BETWEEN 0 AND 36600 THEN b.SEJ_NBJ END AS known_nights,
        valuation.VALO,
        doubled.hospital AS doubled_hospital,
        doubled.on_short_list
    FROM t_mcoaab AS b
    LEFT JOIN t_mcoaac AS c
        ON c.ETA_NUM = b.ETA_NUM AND c.RSA_NUM = b.RSA_NUM
        AND coalesce(c.file_year, 0) = coalesce(b.file_year, 0)
    LEFT JOIN valuation
        ON valuation.ETA_NUM = b.ETA_NUM AND valuation.RSA_NUM = b.RSA_NUM
        AND valuation.file_year = coalesce(b.file_year, 0)
    LEFT JOIN doubled_number AS doubled
        ON doubled.eta_num = b.ETA_NUM AND doubled.sent_year = coalesce(b.file_year, b.SOR_ANN)
),
compared AS (
    SELECT
        *,
        coalesce(exit_date < entry_date, FALSE) AS is_inverted,
        coalesce(days_between(exit_date, entry_date) = known_nights, FALSE) AS is_swapped,
        coalesce(
            date_of(year(exit_date), month(exit_date), 1) = exit_month AND known_nights IS NOT NULL,
            FALSE
        ) AS exit_is_right
    FROM joined
),
entered AS (
    SELECT
        *,
        CASE
            WHEN is_inverted AND is_swapped THEN exit_date
            WHEN is_inverted AND exit_is_right THEN add_days(exit_date, -known_nights)
            WHEN entry_date IS NULL THEN add_days(exit_date, -known_nights)
            ELSE entry_date
        END AS entry_day
    FROM compared
),
stay AS (
    SELECT
        *,
        CASE
            WHEN is_inverted AND is_swapped THEN entry_date
            WHEN is_inverted AND NOT exit_is_right THEN add_days(entry_day, known_nights)
            WHEN exit_date IS NULL THEN add_days(entry_day, known_nights)
            ELSE exit_date
        END AS exit_day,
        coalesce(entry_day, add_days(exit_month, -coalesce(known_nights, 0))) AS start_date
    FROM entered
)
SELECT
    stay.*,
    psa.subject_id AS own_subject_id,
    coalesce(psa.is_shared, FALSE) AS is_shared_number,
    coalesce(psa.is_fictive, FALSE) AS is_fictive,
    coalesce(stay.GRG_GHM LIKE '28%', FALSE) AS is_session,
    CASE
        WHEN coalesce(exit_day, exit_month) IS NOT NULL
            THEN greatest(start_date, coalesce(exit_day, exit_month))
        WHEN is_inverted THEN start_date
    END AS end_date,
    CASE WHEN entry_day IS NOT NULL THEN 'day' ELSE 'month' END AS date_precision,
    CASE
        WHEN exit_day IS NOT NULL THEN 'day'
        WHEN exit_month IS NOT NULL OR is_inverted THEN 'month'
    END AS end_precision,
    nullif(concat_ws(
        ',',
        CASE WHEN is_inverted THEN 'inverted_dates' END,
        CASE WHEN entry_date IS NULL AND entry_day IS NOT NULL THEN 'start_rebuilt' END,
        CASE WHEN exit_date IS NULL AND exit_day IS NOT NULL THEN 'end_rebuilt' END,
        CASE WHEN exit_day IS NULL AND exit_month IS NULL AND NOT is_inverted THEN 'end_unknown' END
    ), '') AS flags,
    coalesce(exit_year, year(exit_date)) AS stay_year,
    CAST(coalesce(exit_year, year(exit_date), 0) AS STRING) || '|' || ETA_NUM || '|' || RSA_NUM
        AS natural_key
FROM stay
LEFT JOIN psa ON psa.BEN_NIR_PSA = stay.NIR_ANO_17
