-- One row per subject whom the cartography of one year names.
SELECT DISTINCT {year} AS year, subject_id FROM cartography_person WHERE subject_id IS NOT NULL
