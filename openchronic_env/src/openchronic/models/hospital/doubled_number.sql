-- One row per geographic number and year of a hospital that declared twice. A geographic number is
-- a repetition only where the juridical number of its hospital is there too in the same year (never
-- drop both sides), and only up to 2017.
-- Source: Documentation-SNDS, depenses_hopital_public.
SELECT again.eta_num, again.hospital, again.on_short_list, sent.sent_year
FROM (SELECT DISTINCT {facility} AS eta_num, {sent_year} AS sent_year FROM sent_record) AS sent
INNER JOIN hospital_number AS number ON number.eta_num = sent.eta_num AND number.role = 'juridical'
INNER JOIN hospital_number AS again
    ON again.hospital = number.hospital AND again.role = 'duplicate'
    AND sent.sent_year <= again.last_year
