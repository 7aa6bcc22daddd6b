-- One row per claim line of one month, as amounts, so that no join can double an amount.
SELECT
    subject_id,
    is_fictive,
    care_date AS start_date,
    FLX_DIS_DTD AS known_date,
    'ER_PRS_F' AS source_table,
    'city' AS care_setting,
    CAST(PRS_NAT_REF AS STRING) AS service_code,
    PRS_ACT_QTE AS quantity,
    PRS_PAI_MNT AS billed,
    BSE_REM_BSE AS reimbursement_base,
    BSE_REM_MNT AS reimbursed,
    CPL_REM_MNT AS reimbursed_complement,
    EXO_MTF AS exemption_code,
    DPN_QLF,
    ETE_IND_TAA,
    in_pmsi.care_year IS NOT NULL AS is_in_pmsi,
    nullif(concat_ws(
        ',',
        CASE WHEN DPN_QLF = 71 OR PRS_DPN_QLP = 71 THEN 'for_information' END,
        CASE WHEN ETE_IND_TAA = 1 THEN 'public_t2a' END,
        CASE WHEN key_place > 1 THEN 'key_conflict' END
    ), '') AS flags
FROM claim
LEFT JOIN outpatient_year AS in_pmsi
    ON in_pmsi.event_type = 'cost' AND in_pmsi.care_year = year(claim.care_date)
    AND month(claim.care_date) <= in_pmsi.last_month
