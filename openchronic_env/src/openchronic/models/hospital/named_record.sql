-- One row per hospital record, with its person: where several persons share the number, the one in
-- care on that day. `is_shared`: the record cannot be assigned to one of them.
SELECT
    record.*,
    coalesce(record.own_subject_id, holder.subject_id) AS subject_id,
    record.is_shared_number AND NOT coalesce(holder.is_certain, FALSE) AS is_shared
FROM record
LEFT JOIN psa_span AS holder
    ON holder.BEN_NIR_PSA = record.NIR_ANO_17
    AND record.start_date BETWEEN holder.first_day AND holder.last_day
