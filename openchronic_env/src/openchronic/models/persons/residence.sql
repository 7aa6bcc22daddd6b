-- One row per subject of a bucket and period in a commune. A month has one residence, that of its
-- last record; a period lasts until another residence is recorded.
WITH seen AS (
    -- The records of one month came in several fluxes, which may be in different groups of months.
    SELECT
        subject_id, month, department, commune, 'ER_PRS_F' AS source_table,
        min(first_known) AS first_known, max(last_known) AS last_known,
        CAST(NULL AS DATE) AS changed_on, CAST(sum(n_lines) AS BIGINT) AS n_lines
    FROM trait_line
    WHERE department IS NOT NULL AND month IS NOT NULL
    GROUP BY subject_id, month, department, commune
    UNION ALL
    -- The date of a record of the referential is the last processing of a service. A record without
    -- a date comes before all others.
    SELECT
        record.subject_id,
        coalesce(add_days(record.said_on, 1 - day(record.said_on)), DATE '1900-01-01'),
        place.department, place.commune, 'IR_BEN_R',
        greatest(record.said_on, record.BEN_DTE_MAJ), record.said_on, record.BEN_DTE_MAJ, 1
    FROM (
        SELECT *, coalesce(MAX_TRT_DTD, BEN_DTE_MAJ, BEN_DTE_INS) AS said_on FROM record
    ) AS record
    INNER JOIN place
        ON place.dpt = coalesce(record.BEN_RES_DPT, '')
        AND place.com = coalesce(record.BEN_RES_COM, '')
        AND place.body = affiliation(record.ORG_AFF_BEN)
    WHERE place.department IS NOT NULL
),
-- Corsica (20) and overseas (97) without a département are ignored for a subject who has one of
-- their départements.
exact AS (
    SELECT
        *,
        max(CASE WHEN department IN ('20', '97') THEN 0 ELSE 1 END) OVER (
            PARTITION BY
                subject_id,
                CASE WHEN department IN ('20', '2A', '2B') THEN '20'
                    WHEN department LIKE '97%' THEN '97' ELSE department END
        ) AS zone_is_exact
    FROM seen
),
ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY subject_id, month
            ORDER BY
                CASE source_table WHEN 'IR_BEN_R' THEN 0 ELSE 1 END, last_known DESC NULLS LAST,
                changed_on DESC NULLS LAST, CASE WHEN commune IS NULL THEN 1 ELSE 0 END,
                n_lines DESC, department, commune NULLS LAST
        ) AS place_in_month
    FROM exact
    WHERE department NOT IN ('20', '97') OR zone_is_exact = 0
),
compared AS (
    SELECT *, lag(department) OVER (PARTITION BY subject_id ORDER BY month) AS department_before
    FROM ranked
    WHERE place_in_month = 1
),
settled AS (
    SELECT
        *,
        sum(CASE WHEN department = department_before THEN 0 ELSE 1 END)
            OVER (PARTITION BY subject_id ORDER BY month) AS settling
    FROM compared
),
-- A month without a commune takes the commune recorded before or next in that département, if any.
completed AS (
    SELECT
        *,
        max(commune) OVER (PARTITION BY subject_id, settling) AS any_commune,
        min(month) OVER (PARTITION BY subject_id, settling) AS settled_month
    FROM settled
),
named AS (
    SELECT
        *,
        department || coalesce(commune, '') AS place,
        lag(department || coalesce(commune, '')) OVER (PARTITION BY subject_id ORDER BY month)
            AS place_before,
        lag(settling) OVER (PARTITION BY subject_id ORDER BY month) AS settling_before
    FROM completed
    WHERE commune IS NOT NULL OR any_commune IS NULL
),
numbered AS (
    SELECT
        *,
        CASE WHEN settling = settling_before THEN month ELSE settled_month END AS from_month,
        sum(CASE WHEN place = place_before AND settling = settling_before THEN 0 ELSE 1 END)
            OVER (PARTITION BY subject_id ORDER BY month) AS period
    FROM named
),
period AS (
    SELECT
        subject_id,
        period,
        min(from_month) AS first_month,
        min(first_known) AS first_known,
        min(department) AS department,
        min(commune) AS commune,
        min_by(source_table, month) AS source_table,
        CAST(sum(n_lines) AS BIGINT) AS n_source_rows
    FROM numbered
    GROUP BY subject_id, period
)
SELECT
    subject_id,
    nullif(first_month, DATE '1900-01-01') AS start_date,
    add_days(lead(first_month) OVER (PARTITION BY subject_id ORDER BY period), -1) AS end_date,
    CASE WHEN first_month = DATE '1900-01-01' THEN first_known
        ELSE greatest(first_known, first_month) END AS known_date,
    department,
    commune,
    source_table,
    n_source_rows
FROM period
