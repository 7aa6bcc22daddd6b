-- Lines of stays that several files tell of: their events are made of the lines of all of them.
SELECT detail_line.*
FROM detail_line
INNER JOIN crossing ON crossing.natural_key = detail_line.natural_key
WHERE detail_line.fate IS NULL
