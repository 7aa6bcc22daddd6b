-- As built.
SELECT * FROM stay
