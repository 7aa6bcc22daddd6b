-- What the lines of one table say (`said`), with the name of that table.
SELECT *, '{source_table}' AS source_table FROM said
