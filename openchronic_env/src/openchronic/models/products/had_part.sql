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
    *,
    PAP_GRP_GHPC AS group_code,
    coalesce(TRY_CAST(SEQ_NUM AS INTEGER), 0) * 10000 + coalesce(TRY_CAST(SSEQ_NUM AS INTEGER), 0)
        AS place,
    coalesce(SEQ_NUM, '') || '|' || coalesce(SSEQ_NUM, '') AS place_name,
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
    DGN_PAL AS main_diagnosis
FROM begun
