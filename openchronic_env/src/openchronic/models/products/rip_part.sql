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
    *,
    CAST(NULL AS STRING) AS group_code,
    coalesce(TRY_CAST(SEQ_SEQ_NUM AS INTEGER), 0) AS place,
    coalesce(SEQ_SEQ_NUM, '') AS place_name,
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
    DGN_PAL AS main_diagnosis
FROM begun
