-- {meaning}
SELECT
    {record_key} AS record_key,
    1 AS part,
    '{event_type}' AS event_type,
    '{vocabulary}' AS vocabulary,
    {code} AS code,
    {code_role} AS code_role,
    {quantity} AS quantity,
    {delay} AS delay,
    CAST(NULL AS DATE) AS day,
    CAST(NULL AS STRING) AS provider_specialty,
    CAST(NULL AS STRING) AS line_flags,
    {is_coded} AS is_coded
FROM detail
