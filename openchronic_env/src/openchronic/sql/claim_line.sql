-- One month of what claims are made of (`claimed`), whatever it is: the one shape that filters judge
-- and that is summed to events. Dates from when to when count where they contradict neither the day of
-- care, nor the day on which they were known, nor each other.
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
    -- 0 and 99 say that nothing is known (IR_SPE_V, IR_ACT_V).
    CASE WHEN PSE_SPE_COD NOT IN (0, 99) THEN PSE_SPE_COD END AS PSE_SPE_COD,
    CASE WHEN PSE_ACT_NAT NOT IN (0, 99) THEN PSE_ACT_NAT END AS PSE_ACT_NAT,
    facility_id,
    care_setting,
    FLX_DIS_DTD AS known_date,
    FLX_DIS_DTD IS NULL AS is_orphan,
    event_type,
    source_table,
    vocabulary,
    code,
    code_role,
    by_unit,
    route,
    CAST(CASE WHEN takes_sign_of_claim THEN sign(PRS_ACT_QTE) ELSE quantity END AS DECIMAL(18, 5))
        AS quantity,
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
