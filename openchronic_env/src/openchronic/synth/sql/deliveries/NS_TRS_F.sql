SELECT
    file_year,
    CLE_DCI_JNT,
    FLX_DIS_DTD,
    FLX_TRT_DTD,
    BEN_IDT_ANO,
    BEN_RES_DPT,
    EXE_SOI_DTD,
    EXE_SOI_DTF,
    PRS_NAT_REF,
    PFS_EXE_NUM,
    PFS_PRE_NUM,
    1 AS TRS_SEQ_NUM,
    CASE WHEN undated THEN DATE '1600-01-01' ELSE done END AS TRS_DTD_DTE,
    CASE WHEN undated THEN DATE '1600-01-01' ELSE done END AS TRS_DTF_DTE,
    leaves_from AS TRS_DEP_CDP,
    arrives_at AS TRS_ARR_CDP
FROM simple_line
-- A cancellation does not repeat the ride.
WHERE part IN (0, 2) AND is_ride(nature)
