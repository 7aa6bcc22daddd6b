-- The functions that the engines write differently, under common names: the other SQL files use
-- only these names. spark_functions.sql declares the same functions.
CREATE OR REPLACE TEMP MACRO digest(content) AS sha256(content);
-- The identifier made from a hash: its first 96 bits in base 64, where '.' and '_' replace '+' and
-- '/', so that it is never read as an option or as a formula of a spreadsheet. `hex_of_id` returns
-- the digits, whose order breaks ties.
CREATE OR REPLACE TEMP MACRO short_id(hex) AS
    replace(replace(to_base64(unhex(substr(hex, 1, 24))), '+', '.'), '/', '_');
CREATE OR REPLACE TEMP MACRO hex_of_id(id) AS
    lower(hex(from_base64(replace(replace(id, '.', '+'), '_', '/'))));
CREATE OR REPLACE TEMP MACRO digest_bits(hex, first) AS
    CAST('0x' || substr(hex, first, 14) AS BIGINT) >> 3;
CREATE OR REPLACE TEMP MACRO add_days(day, n) AS CAST(day + CAST(n AS INTEGER) AS DATE);
CREATE OR REPLACE TEMP MACRO date_of(y, m, d) AS
    TRY_CAST(lpad(CAST(y AS STRING), 4, '0') || '-' || lpad(CAST(m AS STRING), 2, '0') || '-'
             || lpad(CAST(d AS STRING), 2, '0') AS DATE);
CREATE OR REPLACE TEMP MACRO days_between(a, b) AS date_diff('day', a, b);
-- The Monday of the week of a day, counted from 1 January 1900, which was one.
CREATE OR REPLACE TEMP MACRO monday_of(day) AS
    CAST(day - CAST(((date_diff('day', DATE '1900-01-01', day) % 7) + 7) % 7 AS INTEGER) AS DATE);
CREATE OR REPLACE TEMP MACRO icd10(code) AS
    nullif(replace(replace(replace(upper(code), '.', ''), '+', ''), ' ', ''), '');
-- A number made of x is missing (SCALPEL-Extraction, McoFilters).
CREATE OR REPLACE TEMP MACRO usable_number(number) AS
    CASE WHEN lower(substr(number, 1, 16)) <> 'xxxxxxxxxxxxxxxx' THEN number END;
-- The part of an affiliation body (ORG_AFF_BEN) that depends on the residence: scheme, kind and
-- fund of the general scheme, and its section. NULL for any other scheme.
CREATE OR REPLACE TEMP MACRO affiliation(body) AS
    CASE WHEN substr(body, 1, 3) = '01M' THEN substr(body, 1, 9)
        WHEN substr(body, 1, 2) = '01' THEN substr(body, 1, 6) ELSE '' END;
-- The last day of a month written AAAAMM. NULL before 1850 (160001 means that the month is
-- missing).
CREATE OR REPLACE TEMP MACRO last_day_of(aaaamm) AS
    CASE WHEN substr(aaaamm, 1, 4) BETWEEN '1850' AND '2199' AND length(aaaamm) = 6 THEN
        add_days(date_of(
            year(add_days(date_of(substr(aaaamm, 1, 4), substr(aaaamm, 5, 2), 1), 31)),
            month(add_days(date_of(substr(aaaamm, 1, 4), substr(aaaamm, 5, 2), 1), 31)), 1), -1) END;
-- The seven digits of a UCD code, which is also written after six zeros, or in thirteen digits
-- after 34008 and before a check digit (Documentation-SNDS, tables_affinees). All zeros is no code.
CREATE OR REPLACE TEMP MACRO ucd7(code) AS
    CASE WHEN length(trim(code)) = 13 AND substr(trim(code), 1, 5) = '34008'
            THEN substr(trim(code), 6, 7)
        WHEN length(ltrim(trim(code), '0')) BETWEEN 1 AND 7
            THEN lpad(ltrim(trim(code), '0'), 7, '0')
        ELSE nullif(ltrim(trim(code), '0'), '') END;
-- A CCAM act without its extension for hospitals: seven characters.
CREATE OR REPLACE TEMP MACRO ccam(code) AS nullif(substr(trim(upper(code)), 1, 7), '');
-- The part of an act that somebody did, activity/phase: 1/0 is the act, 4/0 its anaesthesia.
CREATE OR REPLACE TEMP MACRO act_role(activity, phase) AS
    coalesce(CAST(activity AS STRING), '-') || '/' || coalesce(CAST(phase AS STRING), '-');
-- A code of the NABM in four digits, from a number or from text with or without leading zeros.
CREATE OR REPLACE TEMP MACRO nabm(code) AS
    CASE WHEN length(ltrim(trim(CAST(code AS STRING)), '0')) BETWEEN 1 AND 3
            THEN lpad(ltrim(trim(CAST(code AS STRING)), '0'), 4, '0')
        ELSE nullif(ltrim(trim(CAST(code AS STRING)), '0'), '') END;
