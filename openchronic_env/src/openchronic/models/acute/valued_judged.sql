-- One row per payment line of a stay, judged: a line whose stay is kept is then judged by the
-- filters of costs.
SELECT
    FLAG_FIDES, MNT_GHS_AM, MNT_MON, MNT_DMI, MNT_TOT_AM, subject_id, start_date, known_date, care_setting,
    fate IS NULL AS is_judged,
    coalesce(fate, {removed_by}) AS removed_by
FROM paid
