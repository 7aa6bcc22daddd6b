-- Weeks of rehabilitation, those that a filter removed too, as parts of stays. The days of a week are
-- known where the record says how long after admission it begins (from 2010).
SELECT
    ETA_NUM || '|' || RHA_NUM || '|' || RHS_NUM || '|' || CAST(coalesce(file_year, 0) AS STRING)
        AS record_key,
    removed_by,
    'ssr' AS care_setting,
    'T_SSRaaB' AS source_table,
    'GME' AS group_vocabulary,
    GRG_GME AS group_code,
    ETA_NUM AS facility_id,
    RHA_NUM AS stay_number,
    coalesce(TRY_CAST(RHS_NUM AS INTEGER), 0) AS place,
    RHS_NUM AS place_name,
    file_year,
    subject_id,
    start_date,
    end_date,
    date_precision,
    CASE WHEN RHS_ANT_SEJ_ENT BETWEEN 0 AND 36600 THEN RHS_ANT_SEJ_ENT END AS days_before,
    6 AS days_after,
    -- A character a day, 1 where the patient was there.
    length(coalesce(JP_HWE, '') || coalesce(JP_WE, ''))
        - length(replace(coalesce(JP_HWE, '') || coalesce(JP_WE, ''), '1', '')) AS days,
    HOS_TYP_UM AS care_form,
    icd10(MOR_PRP) AS main_diagnosis,
    ENT_MOD AS entry_mode,
    ENT_PRV AS entry_from,
    SOR_MOD AS exit_mode,
    SOR_DES AS exit_to,
    AGE_ANN AS age,
    COD_SEX AS sex_code,
    BDI_DEP AS residence_department
FROM judged
