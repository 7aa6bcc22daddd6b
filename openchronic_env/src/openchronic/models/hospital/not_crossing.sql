-- Lines of stays that one file alone tells of.
SELECT detail_line.*
FROM detail_line
LEFT JOIN crossing ON crossing.natural_key = detail_line.natural_key
WHERE crossing.natural_key IS NULL
