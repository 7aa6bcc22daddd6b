-- Sub-sequences of hospital at home, those that a filter removed too, as parts of stays. The first
-- sequence of a stay, and the first part of a sequence, begin with it also where no record says so.
WITH begun AS (
    SELECT
        *,
        coalesce(SEQ_SEJ_NBJ, CASE WHEN coalesce(TRY_CAST(SEQ_NUM AS INTEGER), 1) = 1 THEN 0 END)
            + coalesce(SSEQ_SEQ_NBJ, CASE WHEN TRY_CAST(SSEQ_NUM AS INTEGER) = 1 THEN 0 END)
            AS begun_after
    FROM judged
)
SELECT
    ETA_NUM_EPMSI || '|' || RHAD_NUM || '|' || coalesce(SEQ_NUM, '') || '|' || SSEQ_NUM || '|'
        || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    removed_by,
    'had' AS care_setting,
    'T_HADaaB' AS source_table,
    'GHPC' AS group_vocabulary,
    PAP_GRP_GHPC AS group_code,
    ETA_NUM_EPMSI AS facility_id,
    RHAD_NUM AS stay_number,
    coalesce(TRY_CAST(SEQ_NUM AS INTEGER), 0) * 10000 + coalesce(TRY_CAST(SSEQ_NUM AS INTEGER), 0)
        AS place,
    coalesce(SEQ_NUM, '') || '|' || SSEQ_NUM AS place_name,
    file_year,
    subject_id,
    start_date,
    end_date,
    date_precision,
    CASE WHEN begun_after BETWEEN 0 AND 36600 THEN begun_after END AS days_before,
    CASE WHEN SSEQ_NBJ BETWEEN 1 AND 36600 THEN SSEQ_NBJ - 1 END AS days_after,
    SSEQ_NBJ AS days,
    CAST(NULL AS STRING) AS care_form,
    icd10(DGN_PAL) AS main_diagnosis,
    ENT_MOD AS entry_mode,
    ENT_PRV AS entry_from,
    SOR_MOD AS exit_mode,
    SOR_DES AS exit_to,
    AGE_ANN AS age,
    COD_SEX AS sex_code,
    BDI_DEP AS residence_department
FROM begun
