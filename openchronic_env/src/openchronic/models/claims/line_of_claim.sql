-- One row per line of a month of claims that may become an event (`claimed`), in the one shape that
-- filters judge. The start and end dates of a line
-- are kept where they contradict neither the day of care, nor the day on which they were known, nor
-- each other. A line without a quantity counts as one, positive or negative as the number of acts
-- of its claim, or else as its amounts; it is flagged.
SELECT
    subject_id,
    care_date,
    is_fictive,
    DPN_QLF,
    PRS_DPN_QLP,
    CPL_MAJ_TOP,
    CPL_AFF_COD,
    PRS_NAT_REF,
    BSE_PRS_NAT,
    ETE_IND_TAA,
    ETE_MCO_DDP,
    PFS_EXE_NUM,
    PFS_PRE_NUM,
    PSP_SPE_COD,
    -- 0 and 99 mean that the value is not known (IR_SPE_V, IR_ACT_V).
    CASE WHEN PSE_SPE_COD NOT IN (0, 99) THEN PSE_SPE_COD END AS PSE_SPE_COD,
    CASE WHEN PSE_ACT_NAT NOT IN (0, 99) THEN PSE_ACT_NAT END AS PSE_ACT_NAT,
    facility_id,
    care_setting,
    FLX_DIS_DTD AS known_date,
    FLX_DIS_DTD IS NULL AS is_orphan,
    claimed.event_type,
    source_table,
    vocabulary,
    code,
    code_role,
    by_unit,
    units_missing,
    said_role,
    is_emergency,
    coalesce(ETE_IND_TAA = 1, FALSE) AS is_public_t2a,
    in_pmsi.care_year IS NOT NULL AS is_in_pmsi,
    coalesce(is_conflict, FALSE) AS is_conflict,
    CAST(
        coalesce(
            CASE WHEN is_of_claim THEN acts ELSE quantity END,
            CASE WHEN PRS_ACT_QTE < 0 THEN -1 WHEN PRS_ACT_QTE > 0 THEN 1 ELSE PRS_ACT_QTE END,
            CASE WHEN coalesce(nullif(PRS_PAI_MNT, 0), BSE_REM_MNT) < 0 THEN -1 ELSE 1 END
        ) AS DECIMAL(18, 5)
    ) AS quantity,
    CASE WHEN is_of_claim THEN acts ELSE quantity END IS NULL AS quantity_assumed,
    CASE
        WHEN begins BETWEEN add_days(care_date, -366) AND FLX_DIS_DTD AND coalesce(ends >= begins, TRUE)
            THEN begins
    END AS begins,
    CASE
        WHEN begins BETWEEN add_days(care_date, -366) AND FLX_DIS_DTD
            AND ends BETWEEN begins AND add_days(begins, 366)
            THEN ends
    END AS ends
FROM claimed
-- The years for which hospitals send their outpatient visits themselves, each to its last month there.
LEFT JOIN outpatient_year AS in_pmsi
    ON in_pmsi.event_type = claimed.event_type AND in_pmsi.care_year = year(claimed.care_date)
    AND month(claimed.care_date) <= in_pmsi.last_month
