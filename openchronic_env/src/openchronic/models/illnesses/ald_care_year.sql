-- One row per subject of a bucket, year and kind of long-term illness for which care was reimbursed
-- in full as related to it (EXO_MTF 42, 44, 46 of IR_EXO_V). Lines of a day are summed, so that
-- cancelled ones are none. A sign of the illness, without a diagnosis: in 2017, 0.6 million people
-- had such care and no row in the referential (Documentation-SNDS, beneficiaires_ald).
WITH cared_day AS (
    SELECT
        subject_id, start_date,
        CASE exemption_code
            WHEN 42 THEN 'listed' WHEN 44 THEN 'off_list' ELSE 'several' END AS kind
    FROM released_cost
    WHERE exemption_code IN (42, 44, 46) AND start_date IS NOT NULL
    GROUP BY subject_id, start_date, exemption_code
    HAVING sum(reimbursed) > 0
),
cared AS (
    SELECT
        subject_id, CAST(year(start_date) AS INTEGER) AS year, kind,
        min(start_date) AS first_date, max(start_date) AS last_date,
        count(*) AS n_days
    FROM cared_day
    GROUP BY subject_id, year(start_date), kind
),
-- An ALD that is open on some day of the year, of whatever kind.
written AS (
    SELECT DISTINCT cared.subject_id, cared.year
    FROM cared
    INNER JOIN released_event AS ald
        ON ald.subject_id = cared.subject_id AND ald.event_type = 'ald'
        AND year(ald.start_date) <= cared.year
        AND coalesce(year(ald.end_date) >= cared.year, TRUE)
)
SELECT
    cared.subject_id, cared.year, cared.kind, cared.first_date, cared.last_date, cared.n_days,
    written.subject_id IS NOT NULL AS has_ald
FROM cared
LEFT JOIN written ON written.subject_id = cared.subject_id AND written.year = cared.year
