-- One row per event of the claims of one bucket: lines of the same patient, day, code, role,
-- executor and prescriber are summed, so that a cancellation (negative quantity) is subtracted from
-- the lines that it cancels. A cancellation that names another executor, or no prescriber, cancels
-- all the same: the part that it does not find in its own sum is subtracted from the other sums of
-- that patient, day, code and role, the earliest known first; a cancellation without a role, from
-- the sums of any role. So the total of a patient, day and code is the sum of its lines, and a sum
-- that stays below zero cancels more than was delivered. The sum is kept when it is positive.
-- Source: Documentation-SNDS, requete on regularisations, and sas_prestation_dcir; Health Data Hub
-- forum, 1113 (the sum by person, day and code).
WITH cancelled AS (
    SELECT DISTINCT subject_id, event_type, source_table, care_date, vocabulary, code
    FROM claim_line
    WHERE quantity < 0
),
-- Only the sums that a cancellation may concern are put in order: they are few.
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
-- How much one sign subtracts from the other, and the running total of each sum within its sign.
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
        -- A role of which both parts are missing (act_role) is no role.
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
        -- The provider of a drug is its prescriber, that of any other event its executor.
        event_type IN ('drug', 'hospital_drug') AS is_drug,
        coalesce(sum(quantity), 0) AS quantity,
        min(known_date) AS known_date,
        min(PSP_SPE_COD) AS prescriber_specialty,
        min(PSE_SPE_COD) AS specialty,
        min(PSE_ACT_NAT) AS profession,
        -- Hospital care sorts before city care, the first of several.
        max(care_setting) AS care_setting,
        min(facility_id) AS facility_id,
        min(begins) FILTER (WHERE quantity > 0) AS begins,
        max(ends) FILTER (WHERE quantity > 0) AS ends,
        -- It does not identify the event: a cancellation need not repeat it.
        min(said_role) FILTER (WHERE quantity > 0) AS said_role,
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
-- What other sums cancel of a sum, which is not in its own lines.
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
    coalesce(code_role, said_role) AS code_role,
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
        -- Drugs have one role only: their identifier is still the one of before other events had
        -- several.
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
