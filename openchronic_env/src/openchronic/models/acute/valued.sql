-- What stays of public hospitals are paid (T_MCOaaVALO), each with its stay. `fate` as for events: a
-- line of no stay that counts is no cost of anybody.
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
    ON host.record_key
    = valo.ETA_NUM || '|' || valo.RSA_NUM || '|' || CAST(coalesce(valo.file_year, 0) AS STRING)
