-- Tables that the CSV files fill, column for column.
CREATE TABLE raw_ages (from_age INTEGER, to_age INTEGER, weight INTEGER, male_per_1000 INTEGER,
    deaths_per_100000 INTEGER, acts_per_year INTEGER, stays_per_1000 INTEGER, pool VARCHAR);
CREATE TABLE raw_places (department VARCHAR, pmsi VARCHAR, weight INTEGER, hospital VARCHAR);
CREATE TABLE raw_conditions (condition VARCHAR, number INTEGER, exemption INTEGER, age_0 INTEGER,
    age_20 INTEGER, age_40 INTEGER, age_60 INTEGER, age_75 INTEGER);
CREATE TABLE raw_diagnoses (condition VARCHAR, icd10 VARCHAR, weight INTEGER);
CREATE TABLE raw_treatments (condition VARCHAR, atc VARCHAR, per_100 INTEGER);
CREATE TABLE raw_care (care VARCHAR, weight INTEGER, nature INTEGER, specialty INTEGER,
    profession INTEGER, practice INTEGER, price DECIMAL(9, 2), rate INTEGER);
CREATE TABLE raw_motives (pool VARCHAR, main VARCHAR, related VARCHAR, ghm VARCHAR,
    tariff VARCHAR, nights INTEGER, weight INTEGER);
CREATE TABLE raw_codes (vocabulary VARCHAR, pool VARCHAR, code VARCHAR, price DECIMAL(9, 2));
CREATE TABLE raw_drug (cip13 BIGINT, cip7 INTEGER, atc VARCHAR, name VARCHAR, units VARCHAR,
    large_pack VARCHAR, pack_size VARCHAR, rate INTEGER, price DECIMAL(9, 2));
CREATE TABLE raw_finess_duplicates (eta_num VARCHAR, hospital VARCHAR, role VARCHAR,
    short_list INTEGER, long_list INTEGER, last_year INTEGER);
CREATE TABLE raw_nir_kind (code VARCHAR, fictive INTEGER, provisional INTEGER, label VARCHAR);
CREATE TABLE raw_commune (department VARCHAR, first VARCHAR, last VARCHAR);
