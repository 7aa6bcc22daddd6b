-- One row per detail line of a stay that is in one file only.
SELECT detail_line.*
FROM detail_line
LEFT JOIN crossing ON crossing.natural_key = detail_line.natural_key
WHERE crossing.natural_key IS NULL
