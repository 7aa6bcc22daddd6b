-- One row per definition, and per variant of one, as the build applied it.
SELECT * FROM told_definition
