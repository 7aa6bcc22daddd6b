-- One row per ALD period: a record that was changed several times counts once, with its last state;
-- periods of the same nature and diagnosis that overlap or touch are one.
-- Source: Documentation-SNDS, beneficiaires_ald and requete_type_ald.
WITH last_state AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY subject_id, IMB_ETM_NAT, diagnosis, start_date
            ORDER BY
                INS_DTE DESC NULLS LAST, UPD_DTE DESC NULLS LAST,
                end_date DESC NULLS FIRST, IMB_ALD_NUM NULLS LAST
        ) AS recency,
        count(*) OVER (PARTITION BY subject_id, IMB_ETM_NAT, diagnosis, start_date) AS n_states,
        min(INS_DTE) OVER (PARTITION BY subject_id, IMB_ETM_NAT, diagnosis, start_date)
            AS first_known
    FROM ald_record
),
-- An open period has no last day. A period that ends before it starts, where the filter on such
-- periods is switched off, is reduced to its first day.
reach AS (
    SELECT
        *,
        CASE WHEN end_date < start_date THEN start_date
            ELSE coalesce(end_date, DATE '2200-01-01') END AS until_date
    FROM last_state
    WHERE recency = 1
),
gap AS (
    SELECT
        *,
        max(until_date) OVER (
            PARTITION BY subject_id, IMB_ETM_NAT, diagnosis
            ORDER BY start_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM reach
),
numbered AS (
    SELECT
        *,
        sum(CASE WHEN covered_until IS NULL OR start_date > add_days(covered_until, 1)
            THEN 1 ELSE 0 END) OVER (
            PARTITION BY subject_id, IMB_ETM_NAT, diagnosis
            ORDER BY start_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS period
    FROM gap
),
merged AS (
    SELECT
        subject_id,
        IMB_ETM_NAT,
        diagnosis,
        min(start_date) AS start_date,
        nullif(max(until_date), DATE '2200-01-01') AS end_date,
        min(coalesce(first_known, start_date)) AS known_date,
        max_by(IMB_ALD_NUM, start_date) FILTER (WHERE IMB_ALD_NUM BETWEEN 1 AND 32) AS written_number,
        CAST(sum(n_states) AS BIGINT) AS n_source_rows
    FROM numbered
    GROUP BY subject_id, IMB_ETM_NAT, diagnosis, period
),
-- Codes that physicians write for a listed ALD although IR_CIM_V has none for them: other diabetes;
-- COPD, bronchiectasis, acute respiratory failure; Alzheimer; hypertensive heart disease, conduction
-- disorders and other arrhythmias; dialysis. I12, which may be 5, 12 or 19, is not one of them.
used AS (
    SELECT prefix, number
    FROM (
        VALUES
        ('E12', 8), ('E13', 8), ('E14', 8), ('J44', 14), ('J47', 14), ('J960', 14), ('G30', 15),
        ('I11', 5), ('I13', 5), ('I44', 5), ('I45', 5), ('Z992', 19)
    ) AS written (prefix, number)
)
-- The number written by the fund where it is an ALD number, else the one of the diagnosis (whole
-- code, then its first four and three characters; among listed ALD, then among the codes in use),
-- else 31 for an illness outside the list, else 99: several illnesses (45) are not enough to make
-- it 32 (CNAM).
SELECT
    merged.subject_id,
    merged.start_date,
    merged.end_date,
    greatest(merged.known_date, merged.start_date) AS known_date,
    coalesce(
        merged.written_number, whole.number, four.number, three.number,
        CASE merged.IMB_ETM_NAT WHEN 41 THEN used.number WHEN 43 THEN 31 END, 99
    ) AS ald_number,
    merged.diagnosis AS icd10,
    CASE merged.IMB_ETM_NAT
        WHEN 41 THEN 'listed' WHEN 43 THEN 'off_list' ELSE 'several'
    END AS kind,
    merged.n_source_rows,
    CAST(merged.subject_id AS STRING) || '|' || CAST(merged.IMB_ETM_NAT AS STRING) || '|'
        || coalesce(merged.diagnosis, '') || '|' || CAST(merged.start_date AS STRING)
        AS natural_key
FROM merged
LEFT JOIN ald_code AS whole ON whole.icd10 = merged.diagnosis
LEFT JOIN ald_code AS four ON four.icd10 = substr(merged.diagnosis, 1, 4)
LEFT JOIN ald_code AS three ON three.icd10 = substr(merged.diagnosis, 1, 3)
LEFT JOIN used ON used.prefix = substr(merged.diagnosis, 1, length(used.prefix))
