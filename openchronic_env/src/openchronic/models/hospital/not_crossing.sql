-- Lines of stays that one file alone tells of.
SELECT hung.*
FROM hung
LEFT JOIN crossing ON crossing.natural_key = hung.natural_key
WHERE crossing.natural_key IS NULL
