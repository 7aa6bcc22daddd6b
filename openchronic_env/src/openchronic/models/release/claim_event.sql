-- Events of claims of one bucket: lines of the same patient, day, code, role, executor and
-- prescriber are summed, so that a cancellation (negative quantity) takes back what it cancels. A
-- cancellation that names another executor, or no prescriber, cancels all the same: what it does not
-- find there is taken from what is left of that patient, day, code and role, what was known first
-- first; one that says no role, from what is left of any. So the total of a patient, day and code is
-- the sum of its lines, and what stays below zero cancels more than was delivered.
-- Source: Documentation-SNDS, requete on regularisations, and sas_prestation_dcir; Health Data Hub
-- forum, 1113 (the sum by person, day and code). The sum is kept when it is positive.
WITH cancelled AS (
    SELECT DISTINCT subject_id, event_type, source_table, care_date, vocabulary, code
    FROM claim_line
    WHERE quantity < 0
),
-- The few sums that a cancellation may concern: those alone are put in order.
contested AS (
    SELECT
        line.subject_id, line.event_type, line.source_table, line.care_date, line.vocabulary,
        line.code, line.code_role, line.PFS_EXE_NUM, line.PFS_PRE_NUM,
        coalesce(sum(line.quantity), 0) AS quantity,
        min(line.known_date) AS known_date
    FROM claim_line AS line
    INNER JOIN cancelled
        ON cancelled.subject_id = line.subject_id AND cancelled.event_type = line.event_type
        AND cancelled.source_table = line.source_table
        AND cancelled.care_date IS NOT DISTINCT FROM line.care_date
        AND cancelled.vocabulary IS NOT DISTINCT FROM line.vocabulary
        AND cancelled.code IS NOT DISTINCT FROM line.code
    GROUP BY
        line.subject_id, line.event_type, line.source_table, line.care_date, line.vocabulary,
        line.code, line.code_role, line.PFS_EXE_NUM, line.PFS_PRE_NUM
),
-- What one sign takes from the other, and how far each sum reaches among those of its sign.
faced AS (
    SELECT
        *,
        sum(abs(quantity)) OVER (
            PARTITION BY
                subject_id, event_type, source_table, care_date, vocabulary, code, code_role,
                quantity > 0
            ORDER BY known_date NULLS LAST, PFS_EXE_NUM NULLS LAST, PFS_PRE_NUM NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS reach,
        sum(greatest(quantity, 0)) OVER (
            PARTITION BY
                subject_id, event_type, source_table, care_date, vocabulary, code, code_role
        ) AS done,
        sum(greatest(-quantity, 0)) OVER (
            PARTITION BY
                subject_id, event_type, source_table, care_date, vocabulary, code, code_role
        ) AS undone
    FROM contested
),
left_of_role AS (
    SELECT
        subject_id, event_type, source_table, care_date, vocabulary, code, code_role, PFS_EXE_NUM,
        PFS_PRE_NUM, known_date,
        -- A role of which neither part is said (act_role) is none.
        coalesce(code_role, '-/-') = '-/-' AS is_any_role,
        CASE
            WHEN quantity > 0 THEN least(quantity, greatest(reach - undone, 0))
            ELSE -least(-quantity, greatest(reach - done, 0))
        END AS quantity
    FROM faced
),
faced_again AS (
    SELECT
        *,
        sum(abs(quantity)) OVER (
            PARTITION BY
                subject_id, event_type, source_table, care_date, vocabulary, code,
                CASE WHEN quantity > 0 THEN 'done' WHEN is_any_role THEN 'undone' ELSE 'other' END
            ORDER BY
                known_date NULLS LAST, code_role NULLS LAST, PFS_EXE_NUM NULLS LAST,
                PFS_PRE_NUM NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS reach,
        sum(greatest(quantity, 0)) OVER (
            PARTITION BY subject_id, event_type, source_table, care_date, vocabulary, code
        ) AS done,
        sum(CASE WHEN is_any_role THEN greatest(-quantity, 0) ELSE 0 END) OVER (
            PARTITION BY subject_id, event_type, source_table, care_date, vocabulary, code
        ) AS undone
    FROM left_of_role
),
netted AS (
    SELECT
        subject_id, event_type, source_table, care_date, vocabulary, code, code_role, PFS_EXE_NUM,
        PFS_PRE_NUM,
        CASE
            WHEN quantity > 0 THEN least(quantity, greatest(reach - undone, 0))
            WHEN is_any_role THEN -least(-quantity, greatest(reach - done, 0))
            ELSE quantity
        END AS quantity
    FROM faced_again
),
summed AS (
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
        coalesce(sum(quantity), 0) AS quantity,
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
        bool_or(units_missing) AS units_missing,
        bool_or(quantity_assumed) AS quantity_assumed,
        bool_or(is_public_t2a) AS is_public_t2a,
        bool_or(is_emergency) AS is_emergency,
        bool_or(is_conflict) AS is_conflict,
        count(*) AS n_source_rows,
        count(*) FILTER (WHERE quantity < 0) AS n_cancelling
    FROM claim_line
    GROUP BY
        subject_id, event_type, source_table, care_date, vocabulary, code, code_role, PFS_EXE_NUM,
        PFS_PRE_NUM
),
-- What others take from a sum, which is not in its own lines.
whole AS (
    SELECT
        summed.*,
        coalesce(netted.quantity, summed.quantity) AS left_over,
        coalesce(netted.quantity < summed.quantity, FALSE) AS is_reduced
    FROM summed
    LEFT JOIN netted
        ON netted.subject_id = summed.subject_id AND netted.event_type = summed.event_type
        AND netted.source_table = summed.source_table
        AND netted.care_date IS NOT DISTINCT FROM summed.care_date
        AND netted.vocabulary IS NOT DISTINCT FROM summed.vocabulary
        AND netted.code IS NOT DISTINCT FROM summed.code
        AND netted.code_role IS NOT DISTINCT FROM summed.code_role
        AND netted.PFS_EXE_NUM IS NOT DISTINCT FROM summed.PFS_EXE_NUM
        AND netted.PFS_PRE_NUM IS NOT DISTINCT FROM summed.PFS_PRE_NUM
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
    CAST(left_over AS DOUBLE) AS quantity,
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
        || CASE WHEN event_type = 'drug' THEN '' ELSE '|' || coalesce(whole.code_role, '') END
        AS natural_key,
    n_source_rows,
    n_cancelling,
    nullif(concat_ws(
        ',',
        CASE WHEN n_cancelling > 0 OR is_reduced THEN 'regularised' END,
        CASE WHEN by_unit THEN 'by_unit' END,
        CASE WHEN units_missing THEN 'units_missing' END,
        CASE WHEN quantity_assumed THEN 'quantity_assumed' END,
        CASE WHEN is_emergency THEN 'emergency' END,
        CASE WHEN is_public_t2a THEN 'public_t2a' END,
        CASE WHEN is_conflict THEN 'key_conflict' END
    ), '') AS flags,
    is_reduced,
    left_over > 0 AS is_kept
FROM whole
