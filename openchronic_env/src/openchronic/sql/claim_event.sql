-- Events of claims of one bucket: lines of the same patient, day, code, role, executor and
-- prescriber are summed, so that a cancellation (negative quantity) takes back what it cancels.
-- Source: Documentation-SNDS, requete on regularisations; the sum is kept when it is positive.
WITH summed AS (
    SELECT
        subject_id,
        event_type,
        source_table,
        care_date,
        vocabulary,
        code,
        code_role,
        PFS_EXE_NUM,
        PFS_PRE_NUM,
        -- Of drugs the provider is who prescribed them, of all else who did it.
        event_type IN ('drug', 'hospital_drug') AS is_drug,
        sum(quantity) AS quantity,
        min(known_date) AS known_date,
        min(PSP_SPE_COD) AS prescriber_specialty,
        min(PSE_SPE_COD) AS specialty,
        min(PSE_ACT_NAT) AS profession,
        -- A hospital before the city, the first of several.
        max(care_setting) AS care_setting,
        min(facility_id) AS facility_id,
        min(begins) FILTER (WHERE quantity > 0) AS begins,
        max(ends) FILTER (WHERE quantity > 0) AS ends,
        -- Where a transport went is not what it is: a cancellation need not say it again.
        min(route) FILTER (WHERE quantity > 0) AS route,
        bool_or(by_unit) AS by_unit,
        count(*) AS n_source_rows,
        count(*) FILTER (WHERE quantity < 0) AS n_cancelling
    FROM claim_line
    GROUP BY
        subject_id, event_type, source_table, care_date, vocabulary, code, code_role, PFS_EXE_NUM,
        PFS_PRE_NUM
)
SELECT
    subject_id,
    coalesce(begins, care_date) AS start_date,
    coalesce(ends, begins, care_date) AS end_date,
    known_date,
    event_type,
    care_setting,
    vocabulary,
    code,
    coalesce(code_role, route) AS code_role,
    CAST(quantity AS DOUBLE) AS quantity,
    CAST(NULL AS STRING) AS stay_id,
    CASE WHEN is_drug THEN PFS_PRE_NUM ELSE PFS_EXE_NUM END AS provider_id,
    CASE
        WHEN is_drug THEN CAST(prescriber_specialty AS STRING)
        WHEN specialty IS NOT NULL THEN CAST(specialty AS STRING)
        ELSE 'A' || CAST(profession AS STRING)
    END AS provider_specialty,
    facility_id,
    'day' AS date_precision,
    source_table,
    CAST(subject_id AS STRING) || '|' || CAST(care_date AS STRING) || '|' || vocabulary || '|'
        || code || '|' || coalesce(PFS_EXE_NUM, '') || '|' || coalesce(PFS_PRE_NUM, '')
        -- Drugs have one role only: what identifies them is what it was before others had several.
        || CASE WHEN event_type = 'drug' THEN '' ELSE '|' || coalesce(summed.code_role, '') END
        AS natural_key,
    n_source_rows,
    n_cancelling,
    CASE
        WHEN n_cancelling > 0 AND by_unit THEN 'regularised,by_unit'
        WHEN n_cancelling > 0 THEN 'regularised'
        WHEN by_unit THEN 'by_unit'
    END AS flags,
    coalesce(quantity, 0) > 0 AS is_kept
FROM summed
