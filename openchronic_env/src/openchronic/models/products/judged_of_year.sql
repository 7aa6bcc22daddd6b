-- The records of one yearly file, those that a filter removed too.
SELECT * FROM judged WHERE coalesce(file_year, 0) = {year}
