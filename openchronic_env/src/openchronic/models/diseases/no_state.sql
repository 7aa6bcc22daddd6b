-- No row: nothing comes before the definitions that need no other.
SELECT
    CAST(NULL AS STRING) AS definition, CAST(NULL AS BIGINT) AS subject_id,
    CAST(NULL AS INTEGER) AS year, CAST(NULL AS STRING) AS state,
    CAST(NULL AS DATE) AS first_met, CAST(NULL AS DATE) AS known_date
WHERE FALSE
