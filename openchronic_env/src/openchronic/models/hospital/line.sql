-- One row per line of one table (`said`), with the name of that table.
SELECT *, '{source_table}' AS source_table FROM said
