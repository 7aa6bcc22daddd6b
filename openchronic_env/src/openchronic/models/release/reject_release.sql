-- As built.
SELECT * FROM reject
