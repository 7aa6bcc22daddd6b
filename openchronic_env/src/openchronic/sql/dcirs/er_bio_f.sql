-- NS_BIO_F under the names of ER_BIO_F.
-- Source: schema-snds fe17ef83, schemas/DCIRS/NS_BIO_F.json.
SELECT
    FLX_DIS_DTD,
    FLX_DIS_DTD AS FLX_TRT_DTD,
    0 AS FLX_EMT_TYP,
    0 AS FLX_EMT_NUM,
    0 AS FLX_EMT_ORD,
    '' AS ORG_CLE_NUM,
    CLE_DCI_JNT AS DCT_ORD_NUM,
    0 AS PRS_ORD_NUM,
    0 AS REM_TYP_AFF,
    BIO_SEQ_NUM AS BIO_ORD_NUM,
    BIO_PRS_IDE,
    BIO_ACT_QSN,
    file_year
FROM ns_bio_f
