-- What the engines write differently, under one name: the other SQL files use only these names.
-- Spark's counterpart declares the same functions.
CREATE OR REPLACE TEMP MACRO digest(content) AS sha256(content);
CREATE OR REPLACE TEMP MACRO digest_bits(hex, first) AS
    CAST('0x' || substr(hex, first, 14) AS BIGINT) >> 3;
CREATE OR REPLACE TEMP MACRO add_days(day, n) AS CAST(day + CAST(n AS INTEGER) AS DATE);
CREATE OR REPLACE TEMP MACRO date_of(y, m, d) AS
    TRY_CAST(lpad(CAST(y AS VARCHAR), 4, '0') || '-' || lpad(CAST(m AS VARCHAR), 2, '0') || '-'
             || lpad(CAST(d AS VARCHAR), 2, '0') AS DATE);
CREATE OR REPLACE TEMP MACRO days_between(a, b) AS date_diff('day', a, b);
CREATE OR REPLACE TEMP MACRO icd10(code) AS
    nullif(replace(replace(replace(upper(code), '.', ''), '+', ''), ' ', ''), '');
-- A number made of x means that there is none (SCALPEL-Extraction, McoFilters).
CREATE OR REPLACE TEMP MACRO usable_number(number) AS
    CASE WHEN lower(substr(number, 1, 16)) <> 'xxxxxxxxxxxxxxxx' THEN number END;
-- Of an affiliation body (ORG_AFF_BEN) what tells where somebody lives: scheme, kind and fund of the
-- general scheme, and its section; nothing of another scheme.
CREATE OR REPLACE TEMP MACRO affiliation(body) AS
    CASE WHEN substr(body, 1, 3) = '01M' THEN substr(body, 1, 9)
        WHEN substr(body, 1, 2) = '01' THEN substr(body, 1, 6) ELSE '' END;
-- The last day of a month written AAAAMM; nothing before 1850 (160001 means that there is none).
CREATE OR REPLACE TEMP MACRO last_day_of(aaaamm) AS
    CASE WHEN substr(aaaamm, 1, 4) BETWEEN '1850' AND '2199' AND length(aaaamm) = 6 THEN
        add_days(date_of(
            year(add_days(date_of(substr(aaaamm, 1, 4), substr(aaaamm, 5, 2), 1), 31)),
            month(add_days(date_of(substr(aaaamm, 1, 4), substr(aaaamm, 5, 2), 1), 31)), 1), -1) END;
-- A CCAM act without its extension for hospitals: seven characters.
CREATE OR REPLACE TEMP MACRO ccam(code) AS nullif(substr(trim(upper(code)), 1, 7), '');
-- A hospital drug in thirteen digits, zeros to the left (schema-snds, ER_UCD_F and T_MCOaaFH).
CREATE OR REPLACE TEMP MACRO ucd13(code) AS lpad(nullif(trim(code), ''), 13, '0');
