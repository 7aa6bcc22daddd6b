-- As built.
SELECT * FROM ald
