-- One row per record of the yearly files that are read together, removed ones too.
SELECT * FROM judged WHERE coalesce(file_year, 0) IN ({year})
