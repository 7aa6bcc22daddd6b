-- One row per record of one yearly file, removed ones too.
SELECT * FROM judged WHERE coalesce(file_year, 0) = {year}
