-- One row per patient number of a psychiatric facility and year, with its subject: outpatient acts
-- identify their patient by this number only. A number is used only where it has a kept stay in the
-- same facility and the same file, all of one subject: no document says whether the numbers stay
-- the same over the years.
SELECT
    ETA_NUM_EPMSI || '|' || IPP_IRR_CRY || '|' || CAST(coalesce(file_year, 0) AS STRING)
        AS record_key,
    CASE
        WHEN count(DISTINCT subject_id) FILTER (WHERE removed_by IS NULL) > 1 THEN 'several_subjects'
        WHEN count(*) FILTER (WHERE removed_by IS NULL) = 0 THEN min(removed_by)
    END AS removed_by,
    min(subject_id) FILTER (WHERE removed_by IS NULL) AS subject_id,
    CAST(NULL AS STRING) AS stay_id,
    CAST(NULL AS DATE) AS start_date,
    CAST(NULL AS DATE) AS end_date,
    CAST(NULL AS DATE) AS day_zero,
    CAST(NULL AS DATE) AS first_day,
    CAST(NULL AS DATE) AS last_day,
    date_of(coalesce(file_year, year(max(end_date))) + 1, 7, 1) AS known_date,
    'month' AS date_precision,
    'outpatient_hospital' AS care_setting,
    ETA_NUM_EPMSI AS facility_id,
    'r3a|' || CAST(coalesce(file_year, 0) AS STRING) || '|' || ETA_NUM_EPMSI || '|' || IPP_IRR_CRY
        AS natural_key,
    CAST(NULL AS STRING) AS host_flags
FROM judged
WHERE IPP_IRR_CRY IS NOT NULL
GROUP BY ETA_NUM_EPMSI, IPP_IRR_CRY, file_year
