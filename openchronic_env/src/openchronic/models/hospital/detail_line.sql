-- One row per detail line of hospital records, with its record. `fate` says why a line makes no
-- event (its record was not delivered, a filter removed its record, it has no code, or it states a
-- price only); it is NULL when the line makes one.
SELECT
    line.*,
    host.subject_id,
    host.stay_id,
    host.start_date,
    host.end_date,
    host.day_zero,
    host.first_day,
    host.last_day,
    host.known_date,
    host.date_precision,
    host.care_setting,
    host.facility_id,
    host.natural_key,
    host.host_flags,
    CASE
        WHEN host.record_key IS NULL THEN 'orphan'
        WHEN host.removed_by IS NOT NULL THEN host.removed_by
        WHEN NOT line.is_coded THEN 'without_code'
        WHEN line.event_type IS NULL THEN 'billed_with_stay'
    END AS fate
FROM line
LEFT JOIN host ON host.record_key = line.record_key
