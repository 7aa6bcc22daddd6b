-- Drug events of one bucket: lines of the same patient, day, pack, pharmacy and prescriber are
-- summed, so that a cancellation (negative quantity) takes back what it cancels.
-- Source: Documentation-SNDS, requete on regularisations; the sum is kept when it is positive.
WITH dispensing AS (
    SELECT
        subject_id,
        care_date,
        vocabulary,
        code,
        PFS_EXE_NUM,
        PFS_PRE_NUM,
        sum(quantity) AS quantity,
        min(known_date) AS known_date,
        min(PSP_SPE_COD) AS prescriber_specialty,
        bool_or(by_unit) AS by_unit,
        count(*) AS n_source_rows,
        count(*) FILTER (WHERE quantity < 0) AS n_cancelling
    FROM drug_line
    GROUP BY subject_id, care_date, vocabulary, code, PFS_EXE_NUM, PFS_PRE_NUM
)
SELECT
    subject_id,
    care_date AS start_date,
    care_date AS end_date,
    known_date,
    'drug' AS event_type,
    'city' AS care_setting,
    vocabulary,
    code,
    'dispensed' AS code_role,
    CAST(quantity AS DOUBLE) AS quantity,
    CAST(NULL AS STRING) AS episode_id,
    PFS_PRE_NUM AS provider_id,
    CAST(prescriber_specialty AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS facility_id,
    'day' AS date_precision,
    'ER_PHA_F' AS source_table,
    CAST(subject_id AS STRING) || '|' || CAST(care_date AS STRING) || '|' || vocabulary || '|'
        || code || '|' || coalesce(PFS_EXE_NUM, '') || '|' || coalesce(PFS_PRE_NUM, '')
        AS natural_key,
    n_source_rows,
    n_cancelling,
    CASE
        WHEN n_cancelling > 0 AND by_unit THEN 'regularised,by_unit'
        WHEN n_cancelling > 0 THEN 'regularised'
        WHEN by_unit THEN 'by_unit'
    END AS flags,
    coalesce(quantity, 0) > 0 AS is_kept
FROM dispensing
