-- The functions of duckdb_functions.sql as Spark has them. Each is one statement, which Spark runs
-- one by one; openchronic/engines/specs holds the answers that both engines must return.
CREATE OR REPLACE TEMPORARY FUNCTION digest(content STRING) RETURNS STRING
RETURN sha2(content, 256);
CREATE OR REPLACE TEMPORARY FUNCTION short_id(hash STRING) RETURNS STRING
RETURN replace(replace(base64(unhex(substr(hash, 1, 24))), '+', '.'), '/', '_');
CREATE OR REPLACE TEMPORARY FUNCTION hex_of_id(id STRING) RETURNS STRING
RETURN lower(hex(unbase64(replace(replace(id, '.', '+'), '_', '/'))));
CREATE OR REPLACE TEMPORARY FUNCTION digest_bits(hex STRING, first INT) RETURNS BIGINT
RETURN shiftright(CAST(conv(substr(hex, first, 14), 16, 10) AS BIGINT), 3);
CREATE OR REPLACE TEMPORARY FUNCTION add_days(day DATE, n BIGINT) RETURNS DATE
RETURN date_add(day, CAST(n AS INT));
CREATE OR REPLACE TEMPORARY FUNCTION date_of(y STRING, m STRING, d STRING) RETURNS DATE
RETURN TRY_CAST(lpad(y, 4, '0') || '-' || lpad(m, 2, '0') || '-' || lpad(d, 2, '0') AS DATE);
CREATE OR REPLACE TEMPORARY FUNCTION days_between(a DATE, b DATE) RETURNS BIGINT
RETURN CAST(datediff(b, a) AS BIGINT);
CREATE OR REPLACE TEMPORARY FUNCTION monday_of(day DATE) RETURNS DATE
RETURN date_add(day, -pmod(datediff(day, DATE '1900-01-01'), 7));
CREATE OR REPLACE TEMPORARY FUNCTION icd10(code STRING) RETURNS STRING
RETURN nullif(replace(replace(replace(upper(code), '.', ''), '+', ''), ' ', ''), '');
CREATE OR REPLACE TEMPORARY FUNCTION usable_number(number STRING) RETURNS STRING
RETURN CASE WHEN lower(substr(number, 1, 16)) <> 'xxxxxxxxxxxxxxxx' THEN number END;
CREATE OR REPLACE TEMPORARY FUNCTION affiliation(body STRING) RETURNS STRING
RETURN CASE WHEN substr(body, 1, 3) = '01M' THEN substr(body, 1, 9)
    WHEN substr(body, 1, 2) = '01' THEN substr(body, 1, 6) ELSE '' END;
CREATE OR REPLACE TEMPORARY FUNCTION last_day_of(aaaamm STRING) RETURNS DATE
RETURN CASE WHEN substr(aaaamm, 1, 4) BETWEEN '1850' AND '2199' AND length(aaaamm) = 6 THEN
    last_day(TRY_CAST(substr(aaaamm, 1, 4) || '-' || substr(aaaamm, 5, 2) || '-01' AS DATE)) END;
CREATE OR REPLACE TEMPORARY FUNCTION ucd7(code STRING) RETURNS STRING
RETURN CASE WHEN length(trim(code)) = 13 AND substr(trim(code), 1, 5) = '34008'
        THEN substr(trim(code), 6, 7)
    WHEN length(trim(LEADING '0' FROM trim(code))) BETWEEN 1 AND 7
        THEN lpad(trim(LEADING '0' FROM trim(code)), 7, '0')
    ELSE nullif(trim(LEADING '0' FROM trim(code)), '') END;
CREATE OR REPLACE TEMPORARY FUNCTION ccam(code STRING) RETURNS STRING
RETURN nullif(substr(trim(upper(code)), 1, 7), '');
CREATE OR REPLACE TEMPORARY FUNCTION act_role(activity STRING, phase STRING) RETURNS STRING
RETURN coalesce(activity, '-') || '/' || coalesce(phase, '-');
CREATE OR REPLACE TEMPORARY FUNCTION nabm(code STRING) RETURNS STRING
RETURN CASE WHEN length(trim(LEADING '0' FROM trim(code))) BETWEEN 1 AND 3
        THEN lpad(trim(LEADING '0' FROM trim(code)), 4, '0')
    ELSE nullif(trim(LEADING '0' FROM trim(code)), '') END;
