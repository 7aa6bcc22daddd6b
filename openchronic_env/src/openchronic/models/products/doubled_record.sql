-- One row per record of hospitals that may declare twice, with the hospital whose record it may repeat.
SELECT
    said.*,
    doubled.hospital AS doubled_hospital,
    doubled.on_short_list
FROM said
LEFT JOIN doubled_number AS doubled
    ON doubled.eta_num = said.{facility} AND doubled.sent_year = {sent_year}
