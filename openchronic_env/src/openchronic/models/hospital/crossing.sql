-- One row per detail line of a stay that is in several files: its events need the lines of all of
-- them.
SELECT detail_line.*
FROM detail_line
INNER JOIN crossing ON crossing.natural_key = detail_line.natural_key
WHERE detail_line.fate IS NULL
