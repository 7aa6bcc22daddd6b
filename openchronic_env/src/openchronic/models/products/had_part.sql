-- One row per sub-sequence of hospital at home, removed ones too, as a part of a stay. The first
-- sequence of a stay, and the first part of a sequence, begin with it even where no record says so.
WITH begun AS (
    SELECT
        *,
        coalesce(SEQ_SEJ_NBJ, CASE WHEN coalesce(TRY_CAST(SEQ_NUM AS INTEGER), 1) = 1 THEN 0 END)
            + coalesce(SSEQ_SEQ_NBJ, CASE WHEN TRY_CAST(SSEQ_NUM AS INTEGER) = 1 THEN 0 END)
            AS begun_after,
        SEQ_SEJ_NBJ IS NOT NULL OR coalesce(file_year, year(entry_date)) = year(entry_date)
            AS is_said
    FROM judged
)
SELECT
    ETA_NUM_EPMSI || '|' || RHAD_NUM || '|' || coalesce(SEQ_NUM, '') || '|' || coalesce(SSEQ_NUM, '') || '|'
        || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    ETA_NUM_EPMSI || '|' || RHAD_NUM || '|||' || CAST(coalesce(file_year, 0) AS STRING)
        AS stay_key,
    removed_by,
    'had' AS care_setting,
    'T_HADaaB' AS source_table,
    'GHPC' AS group_vocabulary,
    PAP_GRP_GHPC AS group_code,
    ETA_NUM_EPMSI AS facility_id,
    RHAD_NUM AS stay_number,
    coalesce(TRY_CAST(SEQ_NUM AS INTEGER), 0) * 10000 + coalesce(TRY_CAST(SSEQ_NUM AS INTEGER), 0)
        AS place,
    coalesce(SEQ_NUM, '') || '|' || coalesce(SSEQ_NUM, '') AS place_name,
    file_year,
    subject_id,
    entry_date,
    exit_date,
    start_date,
    end_date,
    CASE WHEN begun_after BETWEEN 0 AND 36600 THEN begun_after END AS days_before,
    is_said AS is_before_said,
    CASE WHEN SSEQ_NBJ BETWEEN 1 AND 36600 THEN SSEQ_NBJ - 1 END AS days_after,
    SSEQ_NBJ AS days,
    CASE WHEN SSEQ_NBJ BETWEEN 1 AND 36600 THEN SSEQ_NBJ END AS covered,
    CASE WHEN SEJ_NBJ BETWEEN 1 AND 36600 THEN SEJ_NBJ END AS stay_covered,
    CAST(NULL AS DATE) AS seen_day,
    CAST(NULL AS DATE) AS seen_week,
    date_of(SOR_ANN_SSEQ, SOR_MOI_SSEQ, 1) AS seen_month,
    date_of(SOR_ANN, SOR_MOI, 1) AS exit_month,
    -- Days from entry to exit.
    CASE
        WHEN SEJ_NBJ BETWEEN 1 AND 36600 THEN SEJ_NBJ - 1
        WHEN begun_after BETWEEN 0 AND 36600 AND SSEQ_NBJ BETWEEN 1 AND 36600
            THEN begun_after + SSEQ_NBJ - 1
    END AS days_back,
    -- A later file that repeats the part gives it the same first day.
    CASE WHEN is_said AND begun_after BETWEEN 0 AND 36600 THEN CAST(begun_after AS STRING) END
        AS part_key,
    CAST(NULL AS STRING) AS care_form,
    icd10(DGN_PAL) AS main_diagnosis,
    ENT_MOD AS entry_mode,
    ENT_PRV AS entry_from,
    SOR_MOD AS exit_mode,
    SOR_DES AS exit_to,
    AGE_ANN AS age,
    COD_SEX AS sex_code,
    BDI_DEP AS residence_department,
    is_shared_number
FROM begun
