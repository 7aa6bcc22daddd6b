-- One row per outpatient visit to a public rehabilitation hospital of one year. One page leaves out the
-- geographic numbers of AP-HP, HCL and AP-HM here too (Documentation-SNDS, depenses_hopital_public),
-- another says that they send theirs once (filtres recommandés): a visit is a repetition where the
-- juridical number has a visit of that patient and day.
WITH sent AS (
    SELECT DISTINCT number.hospital, said.NIR_ANO_17, said.start_date AS day
    FROM said
    INNER JOIN hospital_number AS number
        ON number.eta_num = said.{facility} AND number.role = 'juridical'
)
SELECT
    said.*,
    sent.hospital AS doubled_hospital,
    doubled.on_short_list
FROM said
LEFT JOIN doubled_number AS doubled
    ON doubled.eta_num = said.{facility} AND doubled.sent_year = {sent_year}
LEFT JOIN sent
    ON sent.hospital = doubled.hospital AND sent.NIR_ANO_17 = said.NIR_ANO_17
    AND sent.day = said.start_date
