-- One row per line of ER_BIO_F: tests of one code of the NABM, a number that is written in four
-- digits.
SELECT
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    'biology' AS event_type,
    'ER_BIO_F' AS source_table,
    'NABM' AS vocabulary,
    CASE WHEN BIO_PRS_IDE > 0 THEN nabm(BIO_PRS_IDE) END AS code,
    CAST(NULL AS STRING) AS code_role,
    FALSE AS by_unit,
    FALSE AS units_missing,
    BIO_ACT_QSN AS quantity,
    FALSE AS is_of_claim,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends
FROM er_bio_f
