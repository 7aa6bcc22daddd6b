-- One row per line of a detail table (`detail`), with its claim where it has one. Where several
-- claims have the key, the first is joined, so that the line is not multiplied.
SELECT
    detail.event_type, detail.source_table, detail.vocabulary, detail.code, detail.code_role,
    detail.by_unit, detail.units_missing, detail.quantity, detail.is_of_claim, detail.begins,
    detail.ends,
    FALSE AS is_emergency,
    claim.is_of_several AS is_conflict,
    CAST(NULL AS STRING) AS said_role,
    claim.*
FROM detail
LEFT JOIN claim
    ON claim.FLX_DIS_DTD = detail.FLX_DIS_DTD AND claim.FLX_TRT_DTD = detail.FLX_TRT_DTD
    AND claim.FLX_EMT_TYP = detail.FLX_EMT_TYP AND claim.FLX_EMT_NUM = detail.FLX_EMT_NUM
    AND claim.FLX_EMT_ORD = detail.FLX_EMT_ORD AND claim.ORG_CLE_NUM = detail.ORG_CLE_NUM
    AND claim.DCT_ORD_NUM = detail.DCT_ORD_NUM AND claim.PRS_ORD_NUM = detail.PRS_ORD_NUM
    AND claim.REM_TYP_AFF = detail.REM_TYP_AFF AND claim.key_place = 1
