-- One row per sequence of a psychiatric stay, removed ones too, as a part of the stay. The first
-- one begins with the stay even where no record says so.
WITH begun AS (
    SELECT
        *,
        CASE
            WHEN DEL_DAT BETWEEN 0 AND 36600 THEN DEL_DAT
            WHEN DEL_DAT IS NULL AND TRY_CAST(SEQ_SEQ_NUM AS INTEGER) = 1 THEN 0
        END AS begun_after,
        DEL_DAT IS NOT NULL OR coalesce(file_year, year(entry_date)) = year(entry_date) AS is_said
    FROM judged
)
SELECT
    ETA_NUM_EPMSI || '|' || RIP_NUM || '|' || coalesce(SEQ_SEQ_NUM, '') || '|'
        || CAST(coalesce(file_year, 0) AS STRING) AS record_key,
    ETA_NUM_EPMSI || '|' || RIP_NUM || '||' || CAST(coalesce(file_year, 0) AS STRING) AS stay_key,
    removed_by,
    'psy' AS care_setting,
    'T_RIPaaRSA' AS source_table,
    CAST(NULL AS STRING) AS group_vocabulary,
    CAST(NULL AS STRING) AS group_code,
    ETA_NUM_EPMSI AS facility_id,
    RIP_NUM AS stay_number,
    coalesce(TRY_CAST(SEQ_SEQ_NUM AS INTEGER), 0) AS place,
    coalesce(SEQ_SEQ_NUM, '') AS place_name,
    file_year,
    subject_id,
    entry_date,
    exit_date,
    start_date,
    end_date,
    begun_after AS days_before,
    is_said AS is_before_said,
    CASE WHEN SEQ_COU_NBJ BETWEEN 1 AND 36600 THEN SEQ_COU_NBJ - 1 END AS days_after,
    PRE_JOU_NBJ AS days,
    CASE WHEN SEQ_COU_NBJ BETWEEN 1 AND 36600 THEN SEQ_COU_NBJ END AS covered,
    CAST(NULL AS BIGINT) AS stay_covered,
    CAST(NULL AS DATE) AS seen_day,
    CAST(NULL AS DATE) AS seen_week,
    date_of(SEQ_FIN_ANN, SEQ_FIN_MOI, 1) AS seen_month,
    CAST(NULL AS DATE) AS exit_month,
    -- Days from entry to exit.
    CASE WHEN SEQ_COU_NBJ BETWEEN 1 AND 36600 THEN begun_after + SEQ_COU_NBJ - 1 END AS days_back,
    -- A later file that repeats the sequence gives it the same first day.
    CASE WHEN is_said THEN CAST(begun_after AS STRING) END AS part_key,
    coalesce(FOR_ACT, NAT_PEC) AS care_form,
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
