-- One row per stay and component of what the compulsory insurance pays: GHS is the tariff, MON the
-- drugs and DMI the devices on top of it, OTHER the rest of the total, so that the components add
-- up to the total. No row holds what the patient or a complementary insurance pays.
WITH component AS (
    SELECT
        *,
        MNT_TOT_AM - coalesce(MNT_GHS_AM, 0) - coalesce(MNT_MON, 0) - coalesce(MNT_DMI, 0) AS other
    FROM valued
    WHERE removed_by IS NULL
),
unfolded AS (
    SELECT component.*, name.service_code,
        CASE name.service_code
            WHEN 'GHS' THEN MNT_GHS_AM WHEN 'MON' THEN MNT_MON WHEN 'DMI' THEN MNT_DMI ELSE other
        END AS amount
    FROM component
    CROSS JOIN (
        SELECT 'GHS' AS service_code UNION ALL SELECT 'MON' UNION ALL SELECT 'DMI'
        UNION ALL SELECT 'OTHER'
    ) AS name
)
SELECT
    subject_id,
    start_date,
    known_date,
    'T_MCOaaVALO' AS source_table,
    care_setting,
    service_code,
    CAST(NULL AS DECIMAL(18, 5)) AS quantity,
    CAST(amount AS DECIMAL(18, 5)) AS billed,
    CAST(NULL AS DECIMAL(18, 5)) AS reimbursement_base,
    CAST(amount AS DECIMAL(18, 5)) AS reimbursed,
    CAST(NULL AS DECIMAL(18, 5)) AS reimbursed_complement,
    CAST(NULL AS BIGINT) AS exemption_code,
    CAST(NULL AS STRING) AS flags
FROM unfolded
WHERE amount <> 0
