-- Empty tables for `other_event` to read: each is replaced where an event is made from it.
CREATE TEMP VIEW patient AS SELECT
    CAST(NULL AS BIGINT) AS subject_id, CAST(NULL AS DATE) AS birth_date,
    CAST(NULL AS STRING) AS birth_precision, CAST(NULL AS STRING) AS birth_source,
    CAST(NULL AS DATE) AS death_date, CAST(NULL AS DATE) AS death_known,
    CAST(NULL AS STRING) AS death_precision, CAST(NULL AS STRING) AS death_source,
    CAST(NULL AS BIGINT) AS n_source_rows
WHERE FALSE;
CREATE TEMP VIEW ald AS SELECT
    CAST(NULL AS BIGINT) AS subject_id, CAST(NULL AS DATE) AS start_date,
    CAST(NULL AS DATE) AS end_date, CAST(NULL AS DATE) AS known_date,
    CAST(NULL AS STRING) AS icd10, CAST(NULL AS STRING) AS kind,
    CAST(NULL AS STRING) AS natural_key, CAST(NULL AS BIGINT) AS n_source_rows
WHERE FALSE;
CREATE TEMP VIEW stay AS SELECT
    CAST(NULL AS BIGINT) AS subject_id, CAST(NULL AS STRING) AS stay_id,
    CAST(NULL AS DATE) AS start_date, CAST(NULL AS DATE) AS end_date,
    CAST(NULL AS DATE) AS known_date, CAST(NULL AS STRING) AS date_precision,
    CAST(NULL AS STRING) AS care_setting, CAST(NULL AS STRING) AS facility_id,
    CAST(NULL AS BOOLEAN) AS is_session, CAST(NULL AS INTEGER) AS n_sessions,
    CAST(NULL AS INTEGER) AS nights, CAST(NULL AS INTEGER) AS days,
    CAST(NULL AS STRING) AS group_vocabulary, CAST(NULL AS STRING) AS group_code,
    CAST(NULL AS STRING) AS source_table, CAST(NULL AS STRING) AS natural_key,
    CAST(NULL AS INTEGER) AS n_records, CAST(NULL AS STRING) AS flags,
    CAST(NULL AS BOOLEAN) AS is_shared_number
WHERE FALSE;
CREATE TEMP VIEW diagnosis AS SELECT
    CAST(NULL AS STRING) AS stay_id, CAST(NULL AS STRING) AS role, CAST(NULL AS STRING) AS code,
    CAST(NULL AS STRING) AS source_table, CAST(NULL AS BIGINT) AS n_source_rows
WHERE FALSE;
-- The episode of a stay does not depend on the rows that the stay is made from.
CREATE TEMP VIEW episode AS SELECT
    CAST(NULL AS STRING) AS stay_id, CAST(NULL AS STRING) AS episode_id,
    CAST(NULL AS BIGINT) AS episode_order
WHERE FALSE;
-- Names, labels and numbers that decide the meaning of a row, and not its event.
CREATE TEMP VIEW ald_code AS SELECT
    CAST(NULL AS STRING) AS icd10, CAST(NULL AS BIGINT) AS number, CAST(NULL AS STRING) AS label
WHERE FALSE;
-- A hospital number that repeats another: its stays make no event, so that an existing event has
-- none.
CREATE TEMP VIEW doubled_number AS SELECT
    CAST(NULL AS STRING) AS eta_num, CAST(NULL AS STRING) AS hospital,
    CAST(NULL AS BOOLEAN) AS on_short_list, CAST(NULL AS BIGINT) AS sent_year
WHERE FALSE;
CREATE TEMP VIEW hospital_number AS SELECT
    CAST(NULL AS STRING) AS eta_num, CAST(NULL AS STRING) AS hospital, CAST(NULL AS STRING) AS role
WHERE FALSE;
-- The valuation decides whether a stay is kept, and a stay with an event is kept.
CREATE TEMP VIEW valuation AS SELECT
    CAST(NULL AS STRING) AS ETA_NUM, CAST(NULL AS STRING) AS RSA_NUM,
    CAST(NULL AS BIGINT) AS file_year, CAST(NULL AS STRING) AS VALO
WHERE FALSE;
-- A number for each row that is examined, and the rows that are left out at the moment.
CREATE TEMP SEQUENCE place;
CREATE TEMP TABLE left_out (source_row BIGINT);
