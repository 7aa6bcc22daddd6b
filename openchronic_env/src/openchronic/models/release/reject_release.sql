-- One row per reject, as `reject` has it.
SELECT * FROM reject
