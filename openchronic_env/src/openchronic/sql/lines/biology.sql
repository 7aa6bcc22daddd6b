-- What a line of ER_BIO_F says: tests of one code of the NABM, a number that is written in four digits.
SELECT
    FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM,
    PRS_ORD_NUM, REM_TYP_AFF,
    'biology' AS event_type,
    'ER_BIO_F' AS source_table,
    'NABM' AS vocabulary,
    CASE
        WHEN BIO_PRS_IDE BETWEEN 1 AND 9999 THEN lpad(CAST(BIO_PRS_IDE AS VARCHAR), 4, '0')
        WHEN BIO_PRS_IDE > 9999 THEN CAST(BIO_PRS_IDE AS VARCHAR)
    END AS code,
    CAST(NULL AS VARCHAR) AS code_role,
    FALSE AS by_unit,
    BIO_ACT_QSN AS quantity,
    FALSE AS takes_sign_of_claim,
    CAST(NULL AS DATE) AS begins,
    CAST(NULL AS DATE) AS ends
FROM er_bio_f
