-- One row per week of rehabilitation, removed ones too, as a part of a stay. The days of a week are
-- known where the record gives its delay after admission (from 2010): the week of admission starts
-- on the day of admission, a later one on its Monday. Without a delay, the number of the week gives
-- them, if it agrees with the month. Days of presence are one character each, from Monday on, 1
-- where the patient was there.
WITH parsed AS (
    SELECT
        *,
        date_of(substr(MOI_ANN, 3, 4), substr(MOI_ANN, 1, 2), 1) AS told_month,
        CASE
            WHEN nullif(trim(coalesce(JP_HWE, JP_WE)), '') IS NOT NULL
                THEN lpad(coalesce(trim(JP_HWE), ''), 5, '0') || lpad(coalesce(trim(JP_WE), ''), 2, '0')
        END AS presence,
        CASE WHEN RHS_ANT_SEJ_ENT BETWEEN 0 AND 36600 THEN RHS_ANT_SEJ_ENT END AS begun_after,
        add_days(
            monday_of(entry_date),
            CASE WHEN TRY_CAST(RHS_NUM AS INTEGER) BETWEEN 1 AND 999
                THEN 7 * (TRY_CAST(RHS_NUM AS INTEGER) - 1) END
        ) AS numbered_monday
    FROM judged
),
placed AS (
    SELECT
        *,
        coalesce(
            monday_of(add_days(entry_date, begun_after)),
            CASE
                WHEN coalesce(file_year, year(entry_date)) = year(entry_date)
                    AND told_month IN (
                        date_of(year(numbered_monday), month(numbered_monday), 1),
                        date_of(
                            year(add_days(numbered_monday, 6)), month(add_days(numbered_monday, 6)), 1
                        )
                    )
                    THEN numbered_monday
            END
        ) AS monday,
        CASE
            WHEN substr(presence, 7, 1) = '1' THEN 6 WHEN substr(presence, 6, 1) = '1' THEN 5
            WHEN substr(presence, 5, 1) = '1' THEN 4 WHEN substr(presence, 4, 1) = '1' THEN 3
            WHEN substr(presence, 3, 1) = '1' THEN 2 WHEN substr(presence, 2, 1) = '1' THEN 1
            WHEN substr(presence, 1, 1) = '1' THEN 0
        END AS last_there
    FROM parsed
)
SELECT
    *,
    GRG_GME AS group_code,
    coalesce(TRY_CAST(RHS_NUM AS INTEGER), 0) AS place,
    coalesce(RHS_NUM, '') AS place_name,
    begun_after AS days_before,
    TRUE AS is_before_said,
    6 AS days_after,
    length(coalesce(JP_HWE, '') || coalesce(JP_WE, ''))
        - length(replace(coalesce(JP_HWE, '') || coalesce(JP_WE, ''), '1', '')) AS days,
    CAST(length(presence) - length(replace(presence, '1', '')) AS BIGINT) AS covered,
    CAST(NULL AS BIGINT) AS stay_covered,
    greatest(add_days(monday, last_there), entry_date) AS seen_day,
    CASE WHEN presence IS NULL THEN add_days(monday, 6) END AS seen_week,
    -- A week whose Monday is known needs no month.
    CASE WHEN monday IS NULL THEN told_month END AS seen_month,
    date_of(substr(MOI_ANN_SOR_SEJ, 3, 4), substr(MOI_ANN_SOR_SEJ, 1, 2), 1) AS exit_month,
    -- Days from the entry to the Monday of the week of exit, or to the first day of presence.
    CASE
        WHEN begun_after > 0 THEN days_between(monday_of(exit_date), exit_date) + begun_after
        WHEN begun_after = 0 AND position('1' IN presence) > 0
            THEN greatest(
                days_between(monday_of(exit_date), exit_date) - position('1' IN presence) + 1, 0
            )
    END AS days_back,
    -- A later file that repeats the week gives it the same days.
    CAST(begun_after AS STRING) || '|' || coalesce(presence, '') AS part_key,
    HOS_TYP_UM AS care_form,
    MOR_PRP AS main_diagnosis
FROM placed
