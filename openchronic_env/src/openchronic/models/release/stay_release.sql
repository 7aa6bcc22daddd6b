-- One row per stay, as `stay` has it.
SELECT * FROM stay
