-- Lines of stays that several files tell of: their events are made of the lines of all of them.
SELECT hung.*
FROM hung
INNER JOIN crossing ON crossing.natural_key = hung.natural_key
WHERE hung.fate IS NULL
