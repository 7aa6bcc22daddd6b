-- One row per line of T_MCOaaVALO: what a stay of a public hospital is paid, with its stay. `fate`
-- has the same meaning as for events: a line whose stay is missing or removed is nobody's cost.
SELECT
    valo.FLAG_FIDES,
    valo.MNT_GHS_AM,
    valo.MNT_MON,
    valo.MNT_DMI,
    valo.MNT_TOT_AM,
    host.subject_id,
    host.start_date,
    host.known_date,
    host.care_setting,
    CASE WHEN host.record_key IS NULL THEN 'orphan' ELSE host.removed_by END AS fate
FROM t_mcoaavalo AS valo
LEFT JOIN host
    ON host.record_key = {record_key}
